"""Why did it fire, why did it not: a household's facts, and what each part of a condition made of them."""
