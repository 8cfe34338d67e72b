class StackFrame:
    def __init__(
        self, filename: str, lineno: int, function: str, content: str | None = None
    ) -> None: ...
