"""What a reader sees: words, charts, tables and pages, made from released tables only."""
