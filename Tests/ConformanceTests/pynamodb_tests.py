"""PynamoDB from PyPI, unchanged: models, indexes, conditions, batches, transactions, expiry."""

import time
from datetime import datetime, timedelta, timezone

from pynamodb.attributes import (BooleanAttribute, JSONAttribute, ListAttribute, MapAttribute, NumberAttribute,
                                 TTLAttribute, UnicodeAttribute, UnicodeSetAttribute, UTCDateTimeAttribute,
                                 VersionAttribute)
from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist, PutError, TransactWriteError
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection, LocalSecondaryIndex
from pynamodb.models import Model
from pynamodb.transactions import TransactGet, TransactWrite

from harness import Suite

suite = Suite("PynamoDB")


class Label(MapAttribute):
    name = UnicodeAttribute()
    founded = NumberAttribute()


def models(context):
    """The models of one run, at its server."""

    class Here:
        host = context.server.endpoint
        region = "us-east-1"
        aws_access_key_id = "local"
        aws_secret_access_key = "local"
        max_retry_attempts = 0

    class ByGenre(GlobalSecondaryIndex):
        class Meta(Here):
            index_name = "ByGenre"
            projection = AllProjection()
            billing_mode = "PAY_PER_REQUEST"

        genre = UnicodeAttribute(hash_key=True)
        plays = NumberAttribute(range_key=True)

    class ByPlays(LocalSecondaryIndex):
        class Meta(Here):
            index_name = "ByPlays"
            projection = KeysOnlyProjection()

        artist = UnicodeAttribute(hash_key=True)
        plays = NumberAttribute(range_key=True)

    class Song(Model):
        class Meta(Here):
            table_name = "PynamoSongs"
            billing_mode = "PAY_PER_REQUEST"

        artist = UnicodeAttribute(hash_key=True)
        title = UnicodeAttribute(range_key=True)
        genre = UnicodeAttribute(null=True)
        plays = NumberAttribute(default=0)
        live = BooleanAttribute(default=False)
        tags = UnicodeSetAttribute(null=True)
        notes = ListAttribute(null=True)
        label = Label(null=True)
        extra = JSONAttribute(null=True)
        recorded = UTCDateTimeAttribute(null=True)
        expires = TTLAttribute(null=True)
        by_genre = ByGenre()
        by_plays = ByPlays()

    class Counter(Model):
        class Meta(Here):
            table_name = "PynamoCounters"
            billing_mode = "PAY_PER_REQUEST"

        name = UnicodeAttribute(hash_key=True)
        count = NumberAttribute(default=0)
        version = VersionAttribute()

    for model in (Song, Counter):
        if not model.exists():
            model.create_table(wait=True)
    return Song, Counter


@suite.test("a model is saved and read back, type for type")
def _(check, context):
    Song, _ = models(context)
    recorded = datetime(1965, 6, 1, 12, 30, tzinfo=timezone.utc)
    Song("Nina Simone", "Sinnerman", genre="jazz", plays=7, live=True, tags={"a", "b"}, notes=["x", 1, None],
         label=Label(name="Philips", founded=1950), extra={"k": [1, "ü"]}, recorded=recorded).save()
    song = Song.get("Nina Simone", "Sinnerman")
    check.equal((song.genre, song.plays, song.live, song.tags), ("jazz", 7, True, {"a", "b"}))
    check.equal((list(song.notes), song.label.name, song.extra, song.recorded), (["x", 1, None], "Philips", {"k": [1, "ü"]}, recorded))
    song.refresh(consistent_read=True)
    song.delete()
    try:
        Song.get("Nina Simone", "Sinnerman")
        check.true(False, "a deleted model is gone")
    except DoesNotExist:
        check.count += 1


@suite.test("batches, queries, indexes, filters, scans and counts")
def _(check, context):
    Song, _ = models(context)
    with Song.batch_write() as batch:
        for number in range(70):
            batch.save(Song("Batch", f"t{number:02}", genre="even" if number % 2 == 0 else "odd", plays=number))
    check.equal(len(list(Song.query("Batch", Song.title.startswith("t1"), scan_index_forward=False))), 10)
    check.equal([song.plays for song in Song.by_genre.query("odd", Song.plays > 60)], [61, 63, 65, 67, 69])
    check.equal([song.plays for song in Song.by_plays.query("Batch", Song.plays.between(3, 5))], [3, 4, 5])
    check.equal(Song.count("Batch", filter_condition=Song.plays < 7), 7)
    check.equal(len(list(Song.scan(Song.plays.is_in(1, 2, 3)))), 3)
    check.equal(len(list(Song.batch_get([("Batch", f"t{number:02}") for number in range(70)]))), 70)
    pages = Song.query("Batch", page_size=9, limit=20)
    check.equal(len(list(pages)), 20)
    check.true(pages.last_evaluated_key is not None, "there is more")


@suite.test("updates, conditions and versions")
def _(check, context):
    Song, Counter = models(context)
    song = Song("Update", "one", plays=1)
    song.save(Song.artist.does_not_exist())
    try:
        Song("Update", "one").save(Song.artist.does_not_exist())
        check.true(False, "a second save is refused")
    except PutError as error:
        check.equal(error.cause_response_code, "ConditionalCheckFailedException")
    song.update([Song.plays.add(4), Song.tags.add({"x"}), Song.genre.set("soul")], condition=Song.plays == 1)
    check.equal((song.plays, song.tags, song.genre), (5, {"x"}, "soul"))
    song.update([Song.tags.delete({"x"}), Song.genre.remove(), Song.plays.set(Song.plays - 2)])
    check.equal((song.plays, song.tags, song.genre), (3, None, None))
    counter = Counter("one")
    counter.save()
    stale = Counter.get("one")
    counter.update([Counter.count.set(Counter.count + 1)])
    stale.count = 9
    try:
        stale.save()
        check.true(False, "a stale version is refused")
    except PutError as error:
        check.equal(error.cause_response_code, "ConditionalCheckFailedException")


@suite.test("transactions write and read together")
def _(check, context):
    Song, Counter = models(context)
    connection = Connection(host=context.server.endpoint, region="us-east-1")
    connection.session.set_credentials("local", "local")
    with TransactWrite(connection=connection, client_request_token="pynamo") as transaction:
        transaction.save(Song("Transact", "a", plays=1))
        transaction.save(Counter("transact"))
    try:
        with TransactWrite(connection=connection) as transaction:
            transaction.update(Song("Transact", "a"), actions=[Song.plays.set(2)])
            transaction.condition_check(Counter, "missing", condition=Counter.name.exists())
        check.true(False, "a failed check cancels all")
    except TransactWriteError as error:
        # It sends checks before updates.
        check.equal([reason.code if reason else None for reason in error.cancellation_reasons], ["ConditionalCheckFailed", None])
    with TransactGet(connection=connection) as transaction:
        song, counter = transaction.get(Song, "Transact", "a"), transaction.get(Counter, "transact")
    check.equal((song.get().plays, counter.get().count), (1, 0))


@suite.test("a time to live is set with the model's table, and items expire")
def _(check, context):
    Song, _ = models(context)
    described = context.client.describe_time_to_live(TableName="PynamoSongs")["TimeToLiveDescription"]
    check.equal(described["AttributeName"], "expires")
    Song("Expiring", "old", expires=datetime.now(timezone.utc) - timedelta(seconds=5)).save()
    Song("Expiring", "new", expires=timedelta(hours=1)).save()
    deadline = time.monotonic() + 60
    while Song.count("Expiring") > 1 and time.monotonic() < deadline:
        time.sleep(0.1)
    check.equal([song.title for song in Song.query("Expiring")], ["new"])
