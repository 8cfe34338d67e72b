"""Path templates: every path stays inside, and reads back as its own data ID."""

from __future__ import annotations

import fnmatch
import itertools
import pickle
import string
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from butler.data_id import DataId
from butler.errors import TemplateError
from butler.policies.template import Template, check_inside

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CALEXP = "{pointing:05d}/{filter}/corr/CORR-{visit:07d}-{ccd:03d}.fits"
CALEXP_ID = {"pointing": 671, "filter": "HSC-R", "visit": 903334, "ccd": 16}
CALEXP_PATH = "00671/HSC-R/corr/CORR-0903334-016.fits"
FPC = "{run}/{rerun}/corr/{camcol}/fpC-{run:06d}-{filter}{camcol:d}-{field:04d}.fit"
FPC_TYPES = {"run": "int", "rerun": "int", "camcol": "int"}

ATTACKS = [
    "..", ".", "../../../etc/passwd", "/etc/passwd", "a/../../b", "~root", "-rf", "$(id)", "`id`",
    "a;b", "a|b", "a&b", "a\nb", "a\tb", "a\rb", " a", "a ", "a\\b", "C:\\x", "%2e%2e", "%2E%2E%2F",
    "..%2f", "%", "%%", "%(visit)d", "{visit}", "{0.__class__}", "*", "?", "[a]", "a*b", "'", '"',
    "caf\u00e9", "cafe\u0301", "\u202ea", "\u00a0", "\ufeff", "\U0001f52d", "\u2024\u2024",
    "\uff0e\uff0e", "\uff0f", "CON", "nul", "a:b", "a.", "a..", "...", ".hidden", "-", "--", "+",
    "HSC-R", "a,b", "1", "01", "1e5", "NaN", "None", "\x7f", "\x1b[0m", "<a>", "=", "#", "!",
]  # fmt: skip
HOSTILE = sorted(
    set(ATTACKS)
    | {"".join(pair) for pair in itertools.product("./\\%-~ aA\u00e9:\x01", repeat=2)}
    | {f"..{sep}{word}" for sep in "/\\%\u2215" for word in ("etc", "a", "..", "%00", "", "\u00e9")}
    | {f"{'x' * count}/" for count in range(1, 80)}
)


@pytest.mark.parametrize(
    "text", [CALEXP, "%(pointing)05d/%(filter)s/corr/CORR-%(visit)07d-%(ccd)03d.fits"]
)
def test_both_spellings_give_the_same_path_and_read_it_back(text: str) -> None:
    template = Template(text)
    assert template.format(CALEXP_ID) == CALEXP_PATH
    assert template.parse(CALEXP_PATH) == CALEXP_ID
    assert template == Template(CALEXP)
    assert template.keys == ("pointing", "filter", "visit", "ccd")
    assert template.types == {"pointing": "int", "filter": "str", "visit": "int", "ccd": "int"}


def test_a_field_without_a_format_takes_the_type_of_its_key() -> None:
    assert Template("{visit}.fits", {"visit": "int"}).parse("22.fits") == {"visit": 22}
    assert Template("%(visit)s.fits", {"visit": "int"}).parse("22.fits") == {"visit": 22}
    assert Template("{visit}.fits").parse("22.fits") == {"visit": "22"}


def test_the_hdu_suffix_is_no_part_of_the_path() -> None:
    template = Template("{visit:07d}.fits.fz[3]")
    assert (template.hdu, template.format({"visit": 5})) == (3, "0000005.fits.fz")
    assert Template(CALEXP).hdu is None


def test_a_path_that_the_template_would_not_write_is_not_read() -> None:
    template = Template(CALEXP)
    for path in (
        "00671/HSC-R/corr/CORR-903334-016.fits",
        "00671/HSC-R/corr/CORR-00903334-016.fits",
        "00671/HSC-R/corr/CORR-0903334-016.fits.gz",
        "0671/HSC-R/corr/CORR-0903334-016.fits",
        "00671/H%53C-R/corr/CORR-0903334-016.fits",
        "00671/HSC%2dR/corr/CORR-0903334-016.fits",
        "00671/%FF/corr/CORR-0903334-016.fits",
        "00671/HSC R/corr/CORR-0903334-016.fits",
        "/00671/HSC-R/corr/CORR-0903334-016.fits",
        "x" * 100_000,
    ):
        assert template.parse(path) is None


def test_a_key_that_comes_twice_must_have_one_value() -> None:
    template = Template(FPC, FPC_TYPES)
    data_id = {"run": 4192, "rerun": 40, "camcol": 4, "filter": "r", "field": 300}
    assert template.format(data_id) == "4192/40/corr/4/fpC-004192-r4-0300.fit"
    assert template.parse("4192/40/corr/4/fpC-004192-r4-0300.fit") == data_id
    assert template.parse("4192/40/corr/4/fpC-004193-r4-0300.fit") is None
    assert template.parse("4192/40/corr/4/fpC-004192-r5-0300.fit") is None


def test_negative_numbers_and_numbers_wider_than_the_field_survive() -> None:
    template = Template("{visit:07d}-{ccd:03d}")
    for values in ({"visit": -5, "ccd": -16}, {"visit": 123456789, "ccd": 4321}):
        assert template.parse(template.format(values)) == values


def test_values_are_cast_before_they_are_written() -> None:
    assert Template("{visit:04d}/{patch}").format({"visit": "016", "patch": 3}) == "0016/3"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"pointing": 671, "filter": "HSC-R"}, "needs also the keys: visit, ccd"),
        ({**CALEXP_ID, "visit": 1.5}, "visit"),
        ({**CALEXP_ID, "visit": True}, "visit"),
        ({**CALEXP_ID, "filter": ""}, "filter"),
        ({**CALEXP_ID, "filter": "\0"}, "filter"),
        ({**CALEXP_ID, "filter": "\ud800"}, "filter"),
    ],
)
def test_a_data_id_that_has_no_path_is_refused(values: Mapping[str, int], message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        Template(CALEXP).format(values)


@pytest.mark.parametrize(
    "text",
    [
        "", "/abs/{visit:d}", "../{visit:d}", "{visit:d}/../x", "a//b", "a/", "./a", "{visit",
        "visit}", "{0}", "{}", "{visit.real}", "{visit[0]}", "{visit!r}", "{visit:x}", "{visit:>7}",
        "{visit:{ccd}d}", "{visit:7.2d}", "%(visit)x", "%(visit)", "%(visit)r", "a\n{visit:d}",
        "{visit:d}/{visit:.2f}", "{visit:d}/{visit:s}", "{o.__init__.__globals__}",
    ],
)  # fmt: skip
def test_a_text_that_is_no_template_is_refused(text: str) -> None:
    with pytest.raises(TemplateError):
        Template(text)


def test_doubled_braces_and_percent_signs_stand_for_themselves() -> None:
    assert Template("a{{b}}/{visit:d}%").format({"visit": 1}) == "a{b}/1%"
    assert Template("a{b}%%/%(visit)d").format({"visit": 1}) == "a{b}%/1"


@pytest.mark.parametrize("text", ["{name}.fits", "a/{name}/b", "a-{name}", "{name}", ".{name}"])
def test_hostile_values_stay_inside_and_read_back(text: str, tmp_path: Path) -> None:
    template = Template(text)
    paths: dict[str, str] = {}
    for value in HOSTILE:
        path = template.format({"name": value})
        normal = unicodedata.normalize("NFC", value)
        assert check_inside(str(tmp_path), path) == f"{tmp_path}/{path}"
        assert path.count("/") == text.count("/")
        assert path.isascii()
        assert path.isprintable()
        assert template.parse(path) == {"name": normal}
        assert paths.setdefault(path, normal) == normal
    assert len(HOSTILE) >= 300
    assert len(paths) == len({unicodedata.normalize("NFC", value) for value in HOSTILE})


def test_values_that_differ_in_case_alone_give_paths_that_differ_in_case_alone() -> None:
    one, two = (Template("{name}.fits").format({"name": name}) for name in ("A", "a"))
    assert one != two
    assert one.casefold() == two.casefold()


@pytest.mark.parametrize("name", ["_mapper", "butler.yaml", "Registry.sqlite3", "_PARENT"])
def test_no_dataset_takes_the_place_of_a_file_of_the_repository(name: str) -> None:
    with pytest.raises(TemplateError, match="the repository itself"):
        Template("{name}").format({"name": name})
    with pytest.raises(TemplateError, match="the repository itself"):
        Template("{name}/{visit:d}").format({"name": name, "visit": 1})


@pytest.mark.parametrize("value", ["..", ".", "a/b", "/etc", "", "a\0b"])
def test_without_encoding_a_value_that_leads_elsewhere_is_refused(value: str) -> None:
    with pytest.raises(TemplateError):
        Template("a/{name}/b").format({"name": value}, encode=False)


def test_without_encoding_a_dot_before_the_field_makes_no_way_out() -> None:
    with pytest.raises(TemplateError):
        Template("a/.{name}/b").format({"name": "."}, encode=False)


def test_without_encoding_other_values_stay_as_they_are() -> None:
    template = Template("a/{name}.fits")
    path = template.format({"name": "NGC 891%"}, encode=False)
    assert path == "a/NGC 891%.fits"
    assert template.parse(path, encode=False) == {"name": "NGC 891%"}


def test_the_lengths_that_file_systems_take_are_kept() -> None:
    template = Template("{name}/{name}.fits")
    assert len(template.format({"name": "x" * 250})) == 506
    for value in ("x" * 251, "\u5929" * 86):
        with pytest.raises(TemplateError, match="255 bytes"):
            template.format({"name": value})
    with pytest.raises(TemplateError, match="255 bytes"):
        template.format({"name": "\u5929" * 86}, encode=False)
    with pytest.raises(TemplateError, match="4096 bytes"):
        Template("/".join(["{name}"] * 40)).format({"name": "x" * 200})


def test_two_data_ids_never_share_a_path() -> None:
    template = Template("{a}-{b}.fits")
    kept = template.format({"a": "1,1", "b": "HSC-R"})
    with pytest.raises(TemplateError, match="cannot tell them apart"):
        template.format({"a": "1,1-HSC", "b": "R"})
    assert template.parse(kept) == {"a": "1,1", "b": "HSC-R"}


def test_a_number_with_more_digits_than_the_template_shows_is_refused() -> None:
    template = Template("{angle:.2f}.fits")
    assert template.parse(template.format({"angle": 1.25})) == {"angle": 1.25}
    with pytest.raises(TemplateError, match="more digits"):
        template.format({"angle": 1.251})


def test_a_glob_finds_the_path_and_takes_known_values_literally() -> None:
    template = Template("{name}/{visit:07d}-{ccd:03d}.fits")
    pattern = template.glob({"visit": 22, "tract": 5})
    assert pattern == "*/0000022-*.fits"
    literal = template.glob({"name": "a[b]*", "visit": 22}, encode=False)
    assert fnmatch.fnmatchcase("a[b]*/0000022-001.fits", literal)
    assert not fnmatch.fnmatchcase("abx/0000022-001.fits", literal)


def test_templates_are_values() -> None:
    template = Template(FPC, FPC_TYPES)
    again = pickle.loads(pickle.dumps(template))
    assert (again, hash(again), again.text) == (template, hash(template), FPC)
    assert template != Template(FPC, {**FPC_TYPES, "filter": "int"})
    assert template != FPC


KINDS = st.sampled_from(
    ["{%s:07d}", "{%s:d}", "{%s:3d}", "{%s}", "{%s:s}", "{%s:.3f}", "{%s:08.1f}"]
)
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
LITERALS = st.text(string.ascii_letters + string.digits + "-_./+,%", max_size=4)
KEYS = [f"k{number}" for number in range(4)]


@st.composite
def templates(draw: st.DrawFn) -> Template:
    kinds = {key: draw(KINDS) % key for key in KEYS}
    fields = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=6))
    pieces = [draw(LITERALS)] + [kinds[key] + draw(LITERALS) for key in fields]
    try:
        return Template("".join(pieces))
    except TemplateError:
        assume(condition=False)
        raise


VALUES = {
    "int": st.integers(-(10**12), 10**12),
    "float": st.integers(-(10**6), 10**6).map(lambda number: number / 2),
    "str": st.text(CHARACTERS, min_size=1, max_size=8) | st.text("a-1.", min_size=1, max_size=4),
}


@given(templates(), st.data())
def test_every_path_of_every_template_reads_back(template: Template, data: st.DataObject) -> None:
    values = DataId({key: data.draw(VALUES[template.types[key]]) for key in template.keys})
    try:
        path = template.format(values)
    except TemplateError:
        return  # no place for this value; what is refused is for other tests
    assert template.parse(path) == values
    assert fnmatch.fnmatchcase(path, template.glob(values.subset(template.keys[:1])))


@given(templates(), st.text("/.-%0123456789abk", max_size=30), st.booleans())
def test_whatever_is_read_from_a_path_writes_that_path(
    template: Template, path: str, encode: bool
) -> None:
    found = template.parse(path, encode=encode)
    assert found is None or template.format(found, encode=encode) == path


def test_a_place_inside_the_root_is_given_whole(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert check_inside(str(tmp_path), "a/b/c.fits") == f"{tmp_path}/a/b/c.fits"
    assert check_inside("/", "a/b") == "/a/b"


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../x", "a/../../x", "a//b", "", ".", "a/.", "a\0"]
)
def test_a_path_that_is_not_inside_is_refused(path: str, tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="no relative path inside"):
        check_inside(str(tmp_path), path)


def test_a_folder_that_is_a_link_to_elsewhere_is_refused(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "real").mkdir(parents=True)
    outside.mkdir()
    (root / "evil").symlink_to(outside)
    (root / "good").symlink_to(root / "real")
    with pytest.raises(TemplateError, match="outside the repository"):
        check_inside(str(root), "evil/x.fits")
    with pytest.raises(TemplateError, match="outside the repository"):
        check_inside(str(root), "evil/new/x.fits")
    assert check_inside(str(root), "good/x.fits") == f"{root}/good/x.fits"


def test_a_root_that_is_reached_through_a_link_is_a_root(tmp_path: Path) -> None:
    (tmp_path / "real" / "a").mkdir(parents=True)
    (tmp_path / "real" / "inner").symlink_to("a")
    link = tmp_path / "link"
    link.symlink_to("real")
    assert check_inside(str(link), "inner/x") == str(link / "inner" / "x")


def test_a_link_as_the_last_component_may_lead_anywhere(tmp_path: Path) -> None:
    (tmp_path / "raw.fits").symlink_to("/dev/null")
    assert check_inside(str(tmp_path), "raw.fits") == f"{tmp_path}/raw.fits"


@pytest.mark.parametrize("text", ["{name}/a.fits[{ccd}]", "%(name)s/a.fits[%(ccd)d]"])
def test_a_key_may_name_the_hdu(text: str) -> None:
    template = Template(text, {"name": "str", "ccd": "int"})
    data_id = {"name": "x", "ccd": 3}
    assert (template.keys, template.path_keys) == (("name", "ccd"), ("name",))
    assert template.format(data_id) == "x/a.fits"
    assert (template.hdu, template.hdu_of(data_id)) == (None, 3)
    assert template != Template(text.partition("[")[0], {"name": "str"})


def test_a_text_that_is_a_whole_path_has_directories_in_gen2_alone() -> None:
    template = Template("{path}", {"path": "str"})
    assert template.format({"path": "a/b.fits"}, encode=False) == "a/b.fits"
    assert template.format({"path": "a/b.fits"}) == "a%2Fb.fits"
    for hostile in ("../b", "/etc/passwd", "a//b", "a/./b", "a/../../b"):
        with pytest.raises(TemplateError):
            template.format({"path": hostile}, encode=False)
