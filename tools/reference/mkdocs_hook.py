"""Hook of MkDocs: the pages that follow from the code, made when the site is built and written nowhere else."""

import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parent.parent.parent


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the reference to the pages."""
    sys.path.insert(0, str(ROOT))  # MkDocs runs a hook as a file
    try:
        from tools.reference.pages import PAGES
    finally:
        sys.path.remove(str(ROOT))
    for name, page in PAGES.items():
        files.append(File.generated(config, f"reference/{name}", content=page()))
    return files
