"""Outside > landing > parsed rows: connectors, readers, unit resolution."""
