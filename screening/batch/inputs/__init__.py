"""What a batch is read from: case files, tables and registries, each row with its number."""
