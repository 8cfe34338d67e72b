"""The errors of the package."""

from __future__ import annotations

import pickle

import pytest

from imaging import errors


@pytest.mark.parametrize(
    "error",
    [
        errors.BoxError("m"),
        errors.CardNotFoundError("A", ["B"]),
        errors.ColumnNotFoundError(["a"], ["b"], "f.fits"),
        errors.FieldNotFoundError("a", ["ab"], "Look."),
        errors.FitsFileError("f.fits", "it is empty"),
        errors.HduNotFoundError("f.fits", "no"),
        errors.ParameterTypeError("m"),
    ],
)
def test_error_keeps_its_text_and_data_between_processes(error: errors.ImagingError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


def test_every_error_has_a_code_of_its_own_and_a_builtin_parent() -> None:
    kinds = [
        kind
        for name in errors.__all__
        if isinstance(kind := getattr(errors, name), type) and kind is not errors.ImagingError
    ]
    assert len({kind.code for kind in kinds}) == len(kinds)
    for kind in kinds:
        assert issubclass(kind, errors.ImagingError)
        assert any(parent.__module__ == "builtins" for parent in kind.__mro__[1:-3])
