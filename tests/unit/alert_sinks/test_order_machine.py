"""Runs the model of work orders on SQLite."""

from hypothesis import settings

from tests.unit.alert_sinks.order_machine import OrderMachine

TestWorkOrders = OrderMachine.TestCase
TestWorkOrders.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
