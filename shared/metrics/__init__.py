"""What the processes count and time, shown at /metrics in Prometheus' text format.

A module per thing that is measured, named after it: it declares its metrics at its top, and whoever has something to
count imports it. No metric names a tenant, a person or an identifier: /metrics is for operators, and a label per tenant
would tell them, and whoever reads along, who the customers are.
"""
