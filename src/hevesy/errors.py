"""Four kinds of error; each message says what, got, allowed and what to do."""


class HevesyError(Exception):
    """Anything Hevesy refuses to go on with; the message is meant for the user."""


class InputError(HevesyError):
    """You asked for something senseless."""


class DataError(HevesyError):
    """A file or table is not what it claims."""


class ScopeError(HevesyError):
    """The model does not hold there."""


class ConvergenceError(HevesyError):
    """It ran and did not arrive."""
