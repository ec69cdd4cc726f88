"""A model of the hand-over: the real assessment agent and the store's real rules, in every order of steps there is."""
