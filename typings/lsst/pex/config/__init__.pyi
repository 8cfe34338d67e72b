"""What of lsst-pex-config this project uses, with types: its own functions have none."""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from types import CodeType
from typing import Any, Generic, Protocol, Self, TextIO, TypeVar, overload

from lsst.pex.config.callStack import StackFrame

T = TypeVar("T")
Key = TypeVar("Key")
Value = TypeVar("Value")
ConfigT = TypeVar("ConfigT", bound=Config)

class Configurable(Protocol):
    """Anything that is made from a configuration of its class."""

    ConfigClass: Any

class Config:
    _fields: Mapping[str, Any]
    def __init__(self, **overrides: object) -> None: ...
    @property
    def history(self) -> Mapping[str, list[tuple[object, Sequence[StackFrame], str]]]: ...
    def __contains__(self, name: str) -> bool: ...
    def __getattr__(self, name: str) -> Any: ...
    def __setattr__(self, name: str, value: object) -> None: ...
    def __iter__(self) -> Iterator[str]: ...
    def names(self) -> list[str]: ...
    def keys(self) -> Iterable[str]: ...
    def items(self) -> Iterable[tuple[str, object]]: ...
    def toDict(self) -> dict[str, object]: ...
    def setDefaults(self) -> None: ...
    def validate(self) -> None: ...
    def freeze(self) -> None: ...
    def copy(self) -> Self: ...
    def update(self, **keywords: object) -> None: ...
    def load(self, filename: str, root: str = "config") -> None: ...
    def loadFromStream(
        self,
        stream: TextIO | str | bytes | CodeType,
        root: str = "config",
        filename: str | None = None,
        extraLocals: Mapping[str, object] | None = None,
    ) -> None: ...
    def save(self, filename: str, root: str = "config") -> None: ...
    def saveToStream(
        self, outfile: TextIO, root: str = "config", skipImports: bool = False
    ) -> None: ...
    def saveToString(self, skipImports: bool = False) -> str: ...
    def formatHistory(self, name: str, **keywords: object) -> str: ...
    def compare(
        self,
        other: Config,
        shortcut: bool = True,
        rtol: float = 1e-8,
        atol: float = 1e-8,
        output: Callable[[str], object] | None = None,
    ) -> bool: ...

class Field(Generic[T]):
    name: str
    doc: str
    default: T | None
    dtype: type[T]
    optional: bool
    def __init__(
        self,
        doc: str,
        dtype: type[T] | None = None,
        default: T | None = None,
        check: Callable[[T], bool] | None = None,
        optional: bool | None = False,
        deprecated: str | None = None,
    ) -> None: ...
    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Self: ...
    @overload
    def __get__(self, instance: Config, owner: type | None = None) -> T: ...
    def __set__(self, instance: Config, value: T | None) -> None: ...

class RangeField(Field[T]):
    rangeString: str
    def __init__(
        self,
        doc: str,
        dtype: type[T],
        default: T | None = None,
        optional: bool = False,
        min: T | None = None,
        max: T | None = None,
        inclusiveMin: bool = True,
        inclusiveMax: bool = False,
        deprecated: str | None = None,
    ) -> None: ...

class ChoiceField(Field[T]):
    allowed: Mapping[T, str]
    def __init__(
        self,
        doc: str,
        dtype: type[T] | None = None,
        allowed: Mapping[T, str] | None = None,
        default: T | None = None,
        optional: bool = True,
        deprecated: str | None = None,
    ) -> None: ...

class ListField(Generic[T]):
    doc: str
    itemtype: type[T]
    def __init__(
        self,
        doc: str,
        dtype: type[T] | None = None,
        default: Sequence[T] | None = None,
        optional: bool = False,
        listCheck: Callable[[Sequence[T]], bool] | None = None,
        itemCheck: Callable[[T], bool] | None = None,
        length: int | None = None,
        minLength: int | None = None,
        maxLength: int | None = None,
        deprecated: str | None = None,
    ) -> None: ...
    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Self: ...
    @overload
    def __get__(self, instance: Config, owner: type | None = None) -> list[T]: ...
    def __set__(self, instance: Config, value: Iterable[T] | None) -> None: ...

class DictField(Generic[Key, Value]):
    doc: str
    keytype: type[Key]
    itemtype: type[Value]
    def __init__(
        self,
        doc: str,
        keytype: type[Key] | None = None,
        itemtype: type[Value] | None = None,
        default: Mapping[Key, Value] | None = None,
        optional: bool = False,
        dictCheck: Callable[[Mapping[Key, Value]], bool] | None = None,
        itemCheck: Callable[[Value], bool] | None = None,
        deprecated: str | None = None,
    ) -> None: ...
    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Self: ...
    @overload
    def __get__(
        self, instance: Config, owner: type | None = None
    ) -> MutableMapping[Key, Value]: ...
    def __set__(self, instance: Config, value: Mapping[Key, Value] | None) -> None: ...

class ConfigField(Generic[ConfigT]):
    def __init__(
        self,
        doc: str,
        dtype: type[ConfigT],
        default: ConfigT | type[ConfigT] | None = None,
        check: Callable[[ConfigT], bool] | None = None,
        deprecated: str | None = None,
    ) -> None: ...
    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Self: ...
    @overload
    def __get__(self, instance: Config, owner: type | None = None) -> ConfigT: ...
    def __set__(self, instance: Config, value: ConfigT | type[ConfigT]) -> None: ...

class ConfigDictField(Generic[Key, ConfigT]):
    doc: str
    keytype: type[Key]
    itemtype: type[ConfigT]
    def __init__(
        self,
        doc: str,
        keytype: type[Key],
        itemtype: type[ConfigT],
        default: Mapping[Key, ConfigT] | None = None,
        optional: bool = False,
    ) -> None: ...
    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Self: ...
    @overload
    def __get__(
        self, instance: Config, owner: type | None = None
    ) -> MutableMapping[Key, ConfigT]: ...
    def __set__(self, instance: Config, value: Mapping[Key, ConfigT]) -> None: ...

class ConfigurableInstance:
    @property
    def target(self) -> Any: ...
    @property
    def value(self) -> Config: ...
    def apply(self, *args: object, **keywords: object) -> Any: ...
    def retarget(self, target: object, ConfigClass: type[Config] | None = None) -> None: ...
    def __getattr__(self, name: str) -> Any: ...
    def __setattr__(self, name: str, value: object) -> None: ...

class ConfigurableField:
    def __init__(
        self,
        doc: str,
        target: object,
        ConfigClass: type[Config] | None = None,
        default: Config | type[Config] | None = None,
        check: Callable[[Config], bool] | None = None,
        deprecated: str | None = None,
    ) -> None: ...
    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Self: ...
    @overload
    def __get__(self, instance: Config, owner: type | None = None) -> ConfigurableInstance: ...
    def __set__(self, instance: Config, value: object) -> None: ...

class ConfigInstanceDict:
    """The configurations of a registry field: ``.names`` or ``.name`` says which are used."""

    types: Mapping[str, object]
    name: Any
    names: Any
    target: Any
    targets: Any
    active: Any
    def __contains__(self, key: str) -> bool: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[str]: ...
    def __getitem__(self, key: str) -> Any: ...
    def __setitem__(self, key: str, value: object) -> None: ...
    def apply(self, *args: object, **keywords: object) -> Any: ...
    def apply_with(
        self, func: Callable[..., object], *args: object, **keywords: object
    ) -> list[Any]: ...

class RegistryField:
    multi: bool
    def __init__(
        self,
        doc: str,
        registry: Registry,
        default: object = None,
        optional: bool = False,
        multi: bool = False,
        on_none: Callable[..., object] | None = None,
    ) -> None: ...
    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Self: ...
    @overload
    def __get__(self, instance: Config, owner: type | None = None) -> ConfigInstanceDict: ...
    def __set__(self, instance: Config, value: object) -> None: ...

class Registry(Mapping[str, Any]):
    def __init__(self, configBaseType: type[Config] = ...) -> None: ...
    def register(
        self, name: str, target: object, ConfigClass: type[Config] | None = None
    ) -> None: ...
    def __getitem__(self, key: str) -> Any: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[str]: ...
    def makeField(
        self,
        doc: str,
        default: object = None,
        optional: bool = False,
        multi: bool = False,
        on_none: Callable[..., object] | None = None,
    ) -> RegistryField: ...

class FieldValidationError(ValueError):
    fieldType: type
    fieldName: str
    fullname: str
    history: object
    fieldSource: object
    configSource: object
    def __init__(self, field: object, config: Config, msg: str) -> None: ...

def makeRegistry(doc: str, configBaseType: type[Config] = ...) -> Registry: ...
def registerConfigurable(
    name: str, registry: Registry, ConfigClass: type[Config] | None = None
) -> Callable[[type[T]], type[T]]: ...
def registerConfig(
    name: str, registry: Registry, target: object
) -> Callable[[type[T]], type[T]]: ...
