"""Hard rules: what the law's conditions say about a household's facts, in YAML with CEL conditions."""
