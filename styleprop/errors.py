"""The errors a user can cause: each message says in plain words what was expected, what came and what to do."""


class StylepropError(Exception):
    """Base of every error that a user's input can cause; its text is safe to show to anyone."""


class ImageError(StylepropError):
    """A picture that cannot be read, or is outside the limits."""


class GoneError(ImageError):
    """A picture that was here and is not any more; whoever has it may send it again."""


class VideoError(StylepropError):
    """A clip that cannot be read or written, or is outside the limits."""


class SoundError(StylepropError):
    """A sound that cannot be read or written, or is outside the limits."""


class SettingsError(StylepropError):
    """A setting outside its range, or settings that do not go together."""


class StyleError(StylepropError):
    """A style file that cannot be read, or a style that belongs to other weights."""


class CheckpointError(StylepropError):
    """A checkpoint that is missing, damaged, or does not fit."""


class TrainingError(StylepropError):
    """A training that cannot start or had to stop."""


class BusyError(StylepropError):
    """Too much is being asked at once; the same call may succeed later."""


class CancelledError(StylepropError):
    """A picture that is not wanted any more: whoever asked for it has stopped it."""
