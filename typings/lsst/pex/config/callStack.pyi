class StackFrame:
    filename: str
    lineno: int
    @property
    def content(self) -> str: ...
    def __init__(
        self, filename: str, lineno: int, function: str, content: str | None = None
    ) -> None: ...
