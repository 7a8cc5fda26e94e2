"""Moving pictures: reading, steadying and writing them. PyAV and OpenCV are imported when they are first needed."""

from styleprop.video.limits import OWN, VISITORS, Limits
from styleprop.video.reading import open_clip
from styleprop.video.restyle import VideoProgress, restyle

__all__ = ["OWN", "VISITORS", "Limits", "VideoProgress", "open_clip", "restyle"]
