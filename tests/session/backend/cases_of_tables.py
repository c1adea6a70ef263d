"""Changes to tables, and what each must do to the catalog."""

from __future__ import annotations

from django.db import migrations as m
from django.db import models

from tests.session.backend.case import Case, end, joined

MODELS = (
    Case(
        "create model",
        lambda table: [
            m.CreateModel(
                "Note",
                [
                    ("id", models.AutoField(primary_key=True)),
                    ("ticket", models.OneToOneField("shop.Ticket", models.CASCADE)),
                    ("readers", models.ManyToManyField("shop.Customer")),
                ],
                options={"db_table": table("notes"), "db_table_comment": "What was said"},
            )
        ],
        adds=(
            "table notes : What was said",
            "column notes id: integer not null identity",
            "column notes ticket_id: bigint not null",
            "sequence notes notes_id_seq: integer",
            "constraint notes notes_pkey: PRIMARY KEY (id)",
            "constraint notes notes_ticket_id_key: UNIQUE (ticket_id)",
            "constraint notes notes_ticket_id_1e180feb_fk_tickets_id: FOREIGN KEY (ticket_id) REF",
            "index notes notes_pkey:",
            "index notes notes_ticket_id_key:",
            *joined("notes_readers", "note_id", "customer_id"),
        ),
    ),
    Case("delete model", lambda table: [m.DeleteModel("Ticket")], gone=("tickets", "tickets_tags")),
    Case(
        "rename model",
        lambda table: [m.RenameModel("Tag", "Label")],
        adds=end("label_id", "tags"),
        removes=end("tag_id", "tags"),
    ),
    Case(
        "rename table",
        lambda table: [m.AlterModelTable("ticket", table("requests"))],
        renamed=(("tickets", "requests"), ("tickets_tags", "requests_tags")),
    ),
    Case(
        "create and rename table at once",
        lambda table: [
            m.CreateModel(
                "Note",
                [
                    ("id", models.AutoField(primary_key=True)),
                    ("ticket", models.ForeignKey("shop.Ticket", models.CASCADE)),
                ],
                options={"db_table": table("notes"), "indexes": [models.Index(fields=["id"], name="by_id")]},
            ),
            m.AlterModelTable("note", table("remarks")),
        ],
        adds=(
            "table remarks : ",
            "column remarks id",
            "column remarks ticket_id",
            "sequence remarks notes_id_seq",
            "constraint remarks notes_pkey",
            "constraint remarks remarks_ticket_id_ebd576a2_fk_tickets_id: FOREIGN KEY (ticket_id)",
            "index remarks notes_pkey",
            "index remarks by_id: CREATE INDEX by_id ON remarks",
            "index remarks remarks_ticket_id_ebd576a2: CREATE INDEX remarks_ticket_id_ebd576a2 ON remarks",
        ),
    ),
    Case(
        "table comment",
        lambda table: [m.AlterModelTableComment("ticket", "Asks for help")],
        adds=("table tickets : Asks for help",),
        removes=("table tickets : ",),
    ),
)
