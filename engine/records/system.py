"""The tables that the engine keeps for itself: `crm_...`, the same in every set.

ENGINE_SCHEMA counts their versions: a program refuses a database of a later one. Tables and columns that a database
lacks are added, those that must be filled with 0 or an empty text (see apply.py); any other change to a released table
needs a step of its own there.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, PrimaryKeyConstraint, Table

ENGINE_SCHEMA = 2
PREFIX = "crm_"

# The name makes the key SQLite's own row id: BIGINT would be a second index.
BIG = BigInteger().with_variant(Integer(), "sqlite")
# Bytes, not a language's alphabet: the same order, and indexes that serve `like 'x%'`, on both databases.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def system_tables(metadata: MetaData) -> None:
    """Adds the engine's own tables. Moments are milliseconds since 1970 UTC; JSON is text."""
    _people(metadata)
    _accounts(metadata)
    _history(metadata)
    _requests(metadata)
    _messages(metadata)
    _captured(metadata)
    _schema(metadata)


def _people(metadata: MetaData) -> None:
    # Who is at or below whom: superior = user is not among the rows. Kept by the write of a user.
    Table(
        "crm_reach",
        metadata,
        _number("superior"),
        _number("user"),
        PrimaryKeyConstraint("superior", "user"),
        Index("crm_reach_user", "user"),
        sqlite_with_rowid=False,
    )


def _accounts(metadata: MetaData) -> None:
    Table("crm_password", metadata, _id("user"), _text("hash"), _number("changed_at"), _flag("must_change"))
    Table(
        "crm_session",
        metadata,
        _text("key_hash", primary_key=True),  # of the cookie's value; the value itself is nowhere
        _number("user"),
        _number("created_at"),
        _number("seen_at"),
        _number("expires_at"),
        _maybe_text("address"),
        _maybe_text("agent"),
        _text("csrf"),
        Index("crm_session_user", "user"),
        sqlite_with_rowid=False,
    )
    Table(
        "crm_token",
        metadata,
        _id(),
        _number("user"),
        _text("name"),
        _text("hash"),
        _maybe_text("only"),  # JSON list of [entity, action]; null: all that the role may
        _number("created_at"),
        _number("created_by"),
        _maybe_number("expires_at"),
        _maybe_number("used_at"),
        _maybe_number("revoked_at"),
        Index("crm_token_hash", "hash", unique=True),
        Index("crm_token_user", "user"),
    )
    # Addresses at which a person's calendar is read without signing in.
    Table(
        "crm_feed",
        metadata,
        _id(),
        _number("user"),
        _text("name"),
        _text("hash"),
        _number("created_at"),
        _maybe_number("used_at"),
        _maybe_number("revoked_at"),
        Index("crm_feed_hash", "hash", unique=True),
        Index("crm_feed_user", "user"),
    )
    # Links by which a person sets their password, once.
    Table(
        "crm_link",
        metadata,
        _text("key_hash", primary_key=True),
        _number("user"),
        _number("created_at"),
        _number("created_by"),
        _number("expires_at"),
        Index("crm_link_user", "user"),
        sqlite_with_rowid=False,
    )
    # Throttled sign-in: how often a name or an address failed since `since`.
    Table(
        "crm_attempt",
        metadata,
        _text("key", primary_key=True),
        _number("failures"),
        _number("since"),
        _number("blocked_until"),
        sqlite_with_rowid=False,
    )


def _history(metadata: MetaData) -> None:
    Table(
        "crm_history",
        metadata,
        _id(),
        _text("entity"),
        _number("record"),
        _number("at"),
        _maybe_number("actor"),
        _text("action"),
        _maybe_text("transition"),
        _maybe_text("stage_from"),
        _maybe_text("stage_to"),
        _maybe_text("changes"),  # JSON
        _text("blueprint"),
        _maybe_text("previous"),  # the hash of this record's row before
        _maybe_text("rule"),  # the rule that did it
        _text("hash"),
        Index("crm_history_record", "record", "id"),  # ids are unique across entities
    )
    # What is pinned to the top of a record: an activity about it.
    Table(
        "crm_pin",
        metadata,
        _number("record"),
        _number("target"),
        _text("entity"),  # of the target
        _number("at"),
        _number("by"),
        PrimaryKeyConstraint("record", "target"),
        sqlite_with_rowid=False,
    )
    # Who looks at a record or edits it: a row for each tab, said again every so often, and gone soon after.
    Table(
        "crm_presence",
        metadata,
        _text("tab", primary_key=True),
        _number("user"),
        _text("entity"),
        _number("record"),
        _flag("edits"),
        _number("seen_at"),
        Index("crm_presence_record", "record"),
        Index("crm_presence_seen", "seen_at"),
        sqlite_with_rowid=False,
    )
    # One row per stay in a stage; the one without `left_at` is where the record stands.
    Table(
        "crm_stage_time",
        metadata,
        _id(),
        _text("entity"),
        _number("record"),
        _text("field"),
        _text("stage"),
        _number("entered_at"),
        _maybe_number("left_at"),
        Index("crm_stage_time_record", "record", "id"),
        _where("crm_stage_time_here", "left_at is null", "entity", "field", "stage", "entered_at"),
    )


def _requests(metadata: MetaData) -> None:
    Table(
        "crm_idempotency",
        metadata,
        _number("actor"),
        _text("key"),
        _text("request"),  # a hash of route and body: the same key for another request is refused
        _number("at"),
        _maybe_number("status"),  # null while the first request is still at work
        _maybe_text("answer"),
        PrimaryKeyConstraint("actor", "key"),
        Index("crm_idempotency_at", "at"),
        sqlite_with_rowid=False,
    )
    _bulks(metadata)
    Table(
        "crm_saved_view",
        metadata,
        _id(),
        _number("user"),
        _text("entity"),
        _text("name"),
        _text("query"),  # JSON, see looks.py
        _number("position"),
        _maybe_text("kind"),  # null: a list
        _text("shared"),  # with whom: nobody (empty), team, role, all
        _text("shared_with"),  # the team's id, or the role's name
        _flag("pinned"),  # for those with whom it is shared
        _flag("first"),  # what they see first
        _number("changed_at"),
        Index("crm_saved_view_user", "user", "entity"),
        Index("crm_saved_view_entity", "entity"),
    )
    # How somebody likes the lists of an entity: pinned views, their order, columns. The entity "" is all lists.
    Table(
        "crm_habit",
        metadata,
        _number("user"),
        _text("entity"),
        _text("habits"),  # JSON, see views.py
        _number("changed_at"),
        PrimaryKeyConstraint("user", "entity"),
        sqlite_with_rowid=False,
    )
    Table(
        "crm_file",
        metadata,
        Column("id", BIG, primary_key=True, autoincrement=False),
        Column("key", TEXT, nullable=False, unique=True),  # random: names the file on its route
        _text("name"),
        _number("size"),  # bytes
        _text("media_type"),
        _text("sha256"),
        _number("created_at"),
        _maybe_number("created_by"),
        _maybe_text("entity"),  # null until a record holds it; a sweeper removes what stays so
        _maybe_number("record"),
        _maybe_text("field"),
        Index("crm_file_record", "record"),
    )
    Table(
        "crm_series",
        metadata,
        _text("name"),
        _text("period"),
        _number("last"),  # the number given out last
        PrimaryKeyConstraint("name", "period"),
        sqlite_with_rowid=False,
    )


def _bulks(metadata: MetaData) -> None:
    # One deed for many records, or a file of many: carried out by workers as the person who asked.
    Table(
        "crm_bulk",
        metadata,
        _id(),
        _number("user"),
        _text("role"),  # that the person had when asking
        _maybe_text("only"),  # of a token, as in crm_token
        _text("entity"),
        _text("kind"),  # update, move, tag, delete, undo, export
        _text("settings"),  # JSON
        _number("held"),  # ms in which each deed can be taken back before others are told
        _number("at"),
        _number("count"),  # records that it is for
        _number("position"),  # of the next one
        _number("done"),
        _number("skipped"),
        _number("failed"),
        _maybe_number("started_at"),
        _maybe_number("ended_at"),
        _maybe_number("undone_by"),  # the bulk that takes it back
        _maybe_text("file"),  # the key of what an export wrote
        _maybe_number("expires_at"),  # of that file
        _text("state"),  # waiting, claimed, done, stopped, refused, dead
        _maybe_text("reason"),
        _number("due_at"),
        _maybe_text("lease"),
        _maybe_number("leased_until"),
        _number("attempts"),
        Index("crm_bulk_user", "user", "id"),
        _where("crm_bulk_due", "state in ('waiting', 'claimed')", "due_at", "id"),
        _where("crm_bulk_file", "file is not null", "expires_at"),
    )
    # Which records, a thousand to a row, as they were found when it was asked for.
    Table(
        "crm_bulk_part",
        metadata,
        _number("bulk"),
        _number("part"),
        _text("ids"),  # JSON list
        PrimaryKeyConstraint("bulk", "part"),
        sqlite_with_rowid=False,
    )
    # What became of each record, written in the transaction of its deed.
    Table(
        "crm_bulk_record",
        metadata,
        _number("bulk"),
        _number("position"),
        _number("record"),
        _text("state"),  # done, skipped, failed
        _maybe_text("why"),
        _maybe_number("history"),
        _maybe_number("version"),
        PrimaryKeyConstraint("bulk", "position"),
        _where("crm_bulk_record_left", "state <> 'done'", "bulk", "state", "position"),
        sqlite_with_rowid=False,
    )


def _messages(metadata: MetaData) -> None:
    Table(
        "crm_outbox",
        metadata,
        _id(),
        _text("kind"),
        _text("payload"),  # JSON
        _maybe_text("dedupe"),
        _number("created_at"),
        _number("due_at"),
        _text("state"),  # waiting, claimed, done, dead
        _maybe_text("lease"),
        _maybe_number("leased_until"),
        _number("attempts"),
        _maybe_text("error"),
        Index("crm_outbox_dedupe", "dedupe", unique=True),
        _where("crm_outbox_due", "state <> 'done'", "due_at", "id"),
    )
    Table(
        "crm_notice",
        metadata,
        _id(),
        _number("user"),
        _number("at"),
        _text("notification"),
        _maybe_text("entity"),
        _maybe_number("record"),
        _text("text"),
        _maybe_number("read_at"),
        _maybe_number("snoozed_until"),  # it comes back then, as a notice of its own
        _where("crm_notice_snoozed", "snoozed_until is not null", "snoozed_until"),
        Index("crm_notice_user", "user", "id"),
        _where("crm_notice_unread", "read_at is null", "user"),
    )
    # Of what somebody wants to be reminded before it begins. `told_for`: the moment for which it was told, ms.
    Table(
        "crm_reminder",
        metadata,
        _id(),
        _number("user"),
        _text("entity"),
        _number("record"),
        _number("minutes"),
        _maybe_number("told_for"),
        Index("crm_reminder_record", "record", "user"),
        Index("crm_reminder_entity", "entity"),
    )
    # One message to one person (or client) over one channel: the queue of the senders and the ledger of what was told.
    Table(
        "crm_delivery",
        metadata,
        _id(),
        _text("dedupe"),  # notification, cause, recipient, channel: each exists once; the Message-ID is made of it
        _text("notification"),
        _maybe_text("entity"),
        _maybe_number("record"),
        _maybe_number("user"),  # null: a client
        _text("channel"),
        _maybe_text("address"),  # of a client, or what the channel needs of a person
        _maybe_text("cause"),  # JSON: the event or occurrence that it comes from, and the rule's hash
        _number("created_at"),
        _number("due_at"),
        _text("state"),  # held, waiting, claimed, sending, sent, uncertain, dead, not_sent
        _maybe_text("reason"),  # why it was not sent, or the last error
        _maybe_text("lease"),
        _maybe_number("leased_until"),
        _number("attempts"),
        _maybe_number("sent_at"),
        _maybe_text("provider"),  # the id that the gateway gave it
        _maybe_text("subject"),
        _maybe_text("text"),  # as it was sent
        _maybe_number("doer"),  # of a message to a client: whose deed set it off
        Index("crm_delivery_dedupe", "dedupe", unique=True),
        _where("crm_delivery_due", "state in ('waiting', 'claimed')", "channel", "due_at", "id"),
        _where("crm_delivery_sending", "state = 'sending'", "leased_until"),
        Index("crm_delivery_record", "record", "id"),
        Index("crm_delivery_user", "user", "id"),
        _where("crm_delivery_sent", "sent_at is not null", "address", "sent_at"),
        _where("crm_delivery_failed", "state in ('dead', 'uncertain')", "id"),
        _where("crm_delivery_doer", "doer is not null", "doer", "id"),
        _where("crm_delivery_held", "state = 'held'", "doer", "id"),
    )
    # How a person wants to be told: JSON with channels, quiet hours, digest, muted notifications.
    Table("crm_preference", metadata, _id("user"), _text("wishes"), _number("changed_at"))
    # What a time rule came to: each moment of a rule for a record exists once, whoever saw it first.
    Table(
        "crm_occurrence",
        metadata,
        _id(),
        _text("rule"),  # `notification NAME` or `rule NAME`
        _number("record"),  # 0: of no record
        _text("local"),  # the wall-clock time that was meant, 2026-12-01T07:00
        _text("zone"),
        _number("due_at"),
        _number("made_at"),
        _text("state"),  # due, missed
        _maybe_text("reason"),
        Index("crm_occurrence_once", "rule", "record", "local", "zone", unique=True),
        Index("crm_occurrence_record", "record", "id"),
        Index("crm_occurrence_made", "made_at"),
    )
    # What became of each run of a rule: for its budgets, and for who asks why it did or did not.
    Table(
        "crm_run",
        metadata,
        _id(),
        _text("rule"),
        _text("entity"),
        _number("record"),
        _number("at"),
        _text("state"),  # done, skipped, refused, stopped
        _maybe_text("reason"),
        Index("crm_run_record", "record", "id"),
        Index("crm_run_rule", "rule", "at"),
    )
    # Whom an assignment gave a record, or that nobody could take it.
    Table(
        "crm_given",
        metadata,
        _id(),
        _text("assignment"),
        _text("entity"),
        _number("record"),
        _maybe_number("user"),  # null: nobody
        _number("at"),
        _maybe_text("rule"),
        _text("state"),  # given, waiting, settled
        _text("why"),  # a sentence
        _text("passed"),  # JSON: user -> [kind, sentence]
        Index("crm_given_record", "record", "id"),
        Index("crm_given_assignment", "assignment", "id"),
        _where("crm_given_waiting", "state = 'waiting'", "assignment", "id"),
    )
    # When each person got something from an assignment last. User 0 is the lock of those who give at the same time.
    Table(
        "crm_turn",
        metadata,
        _text("assignment"),
        _number("user"),
        _number("last"),  # the id of what was given
        PrimaryKeyConstraint("assignment", "user"),
        sqlite_with_rowid=False,
    )
    # Each worker process: while it works it says so now and then.
    Table(
        "crm_worker",
        metadata,
        _id(),
        _text("host"),
        _number("pid"),
        _text("blueprint"),  # the hash of the set that it works with
        _number("started_at"),
        _number("seen_at"),
        _text("state"),  # at work, ended, lost
        Index("crm_worker_seen", "seen_at"),
    )
    # When a time rule was first seen, and up to which moment the scheduler has looked for it.
    Table(
        "crm_watermark",
        metadata,
        _text("rule", primary_key=True),
        _number("since"),
        _number("until"),
        sqlite_with_rowid=False,
    )


def _captured(metadata: MetaData) -> None:
    # By what records are known again: normalised values of the records that are alive, see rules/duplicates.py.
    Table(
        "crm_key",
        metadata,
        _text("key"),
        _number("record"),
        _text("entity"),
        PrimaryKeyConstraint("key", "record"),
        sqlite_with_rowid=False,
    )
    # How the keys of an entity's records were made; when the set would make others, they are made anew.
    Table("crm_keyed", metadata, _text("entity", primary_key=True), _text("made_from"), sqlite_with_rowid=False)
    # Two records that are, or were thought to be, of one person.
    Table(
        "crm_duplicate",
        metadata,
        _id(),
        _text("rule"),
        _text("outcome"),  # duplicate, re_engaged, junk
        _text("entity"),
        _number("record"),  # the one that came later
        _text("other_entity"),
        _number("other"),
        _number("at"),
        _text("state"),  # open, merged, dismissed
        _maybe_number("settled_by"),
        _maybe_number("settled_at"),
        Index("crm_duplicate_record", "record"),
        Index("crm_duplicate_other", "other"),
    )
    # What a merge did, so that it can be taken back.
    Table(
        "crm_merge",
        metadata,
        _id(),
        _text("entity"),
        _number("kept"),
        _number("gone"),
        _number("at"),
        _maybe_number("by"),
        _text("moved"),  # JSON: the values that the kept record had, and the children that changed hands
        _maybe_number("undone_at"),
        Index("crm_merge_kept", "kept"),
        Index("crm_merge_gone", "gone"),
    )
    # What came in: mails, webhook calls, forms. Also what refuses a replay.
    Table(
        "crm_received",
        metadata,
        _id(),
        _text("capture"),
        _text("key"),  # the provider's id of it, or a hash of its content
        _number("at"),
        _text("state"),  # taken, threaded, refused, ignored
        _maybe_text("entity"),
        _maybe_number("record"),
        _maybe_text("sender"),
        _maybe_text("subject"),
        _maybe_text("text"),
        _maybe_text("message_id"),
        _maybe_text("reason"),
        _maybe_text("consent"),  # what the sender agreed to, at `at`
        _maybe_text("content"),  # JSON, as it came: what was refused is read again from it
        Index("crm_received_once", "capture", "key", unique=True),
        Index("crm_received_record", "record", "id"),
        Index("crm_received_message", "message_id"),
        Index("crm_received_at", "at"),
    )
    # How far each mailbox was read; `validity` and `last` are the server's own numbers of its folder and of its mails.
    Table(
        "crm_mailbox",
        metadata,
        _text("capture", primary_key=True),
        _maybe_number("validity"),
        _number("last"),
        _number("next_at"),
        _maybe_number("looked_at"),
        _number("failures"),
        _maybe_text("error"),
        sqlite_with_rowid=False,
    )
    # What this database signs with, so that every process knows its own pages again.
    Table(
        "crm_secret", metadata, _text("name", primary_key=True), _text("value"), _number("made_at"), sqlite_with_rowid=False
    )  # fmt: skip
    # Links by which a client answers: confirms or moves an appointment.
    Table(
        "crm_offer",
        metadata,
        _text("key_hash", primary_key=True),
        _text("entity"),
        _number("record"),
        _text("moves"),  # JSON list of transitions
        _text("notification"),
        _number("created_at"),
        _number("expires_at"),
        _maybe_number("used_at"),
        _maybe_text("used_for"),
        Index("crm_offer_record", "record"),
        sqlite_with_rowid=False,
    )


def _schema(metadata: MetaData) -> None:
    # What the tables were made from: the last row is in force.
    Table(
        "crm_applied",
        metadata,
        _id(),
        _number("at"),
        _number("engine_schema"),
        _text("blueprint"),  # its hash
        _text("shape"),  # JSON, see shape.py
        _text("words"),  # JSON list: what the plan said
    )
    Table(
        "crm_archive",
        metadata,
        _id(),
        _number("at"),
        _text("entity"),
        _number("record"),
        _text("field"),
        _text("value"),  # JSON: raw column values, or target ids with their positions
        Index("crm_archive_field", "entity", "field"),
    )
    # Empty but within an import's transaction, see search_index.py.
    Table("crm_search_paused", metadata, _id())


def _id(name: str = "id") -> Column[Any]:
    return Column(name, BIG, primary_key=True, autoincrement=False)


def _number(name: str) -> Column[Any]:
    return Column(name, BIG, nullable=False)


def _maybe_number(name: str) -> Column[Any]:
    return Column(name, BIG)


def _flag(name: str) -> Column[Any]:
    return Column(name, Integer, nullable=False, default=0)


def _text(name: str, primary_key: bool = False) -> Column[Any]:
    return Column(name, TEXT, nullable=False, primary_key=primary_key)


def _maybe_text(name: str) -> Column[Any]:
    return Column(name, TEXT)


def _where(name: str, condition: str, *columns: str) -> Index:
    clause = sa.text(condition)
    return Index(name, *columns, sqlite_where=clause, postgresql_where=clause)
