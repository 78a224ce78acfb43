"""The signing key: where it lives and what it may sign; nothing above sees it."""
