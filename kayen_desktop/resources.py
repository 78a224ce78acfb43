"""Where the shipped files (icons, style, networks) are; it reads none of them itself."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource_path(*parts: str) -> Path:
    """Return the path of a shipped file, in an installed package or a source checkout.

    Raises:
        FileNotFoundError: the file is not shipped with this build.
    """
    for root in (_PACKAGE / "_resources", _PACKAGE.parent / "resources"):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise FileNotFoundError("/".join(("resources", *parts)))
