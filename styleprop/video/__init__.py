"""Moving pictures: reading, steadying and writing them. PyAV and OpenCV are imported when they are first needed."""

from styleprop.video.limits import OWN, VISITORS, Limits
from styleprop.video.reading import open_clip
from styleprop.video.restyle import VideoProgress, restyle
from styleprop.video.writing import check_ending

__all__ = ["OWN", "VISITORS", "Limits", "VideoProgress", "check_ending", "open_clip", "restyle"]
