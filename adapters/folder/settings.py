"""Settings of the folder intake's process."""

from pathlib import Path

from pydantic import Field

from topics.processes.settings import ProcessSettings


class Settings(ProcessSettings):
    """mappen: where the partners' folders are (default: `mappen` in the data folder). mappen_interval: seconds between
    two looks; a file counts as complete when two of them saw the same. The limits are those of the HTTP intake.
    """

    mappen: Path | None = None
    mappen_interval: float = Field(default=1.0, gt=0)

    @property
    def folders(self) -> Path:
        return self.mappen or self.data / "mappen"

    @property
    def keys(self) -> Path:
        return self.data / "sleutels.json"
