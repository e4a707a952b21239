// Placeholder: see Docs/Architecture.md.
