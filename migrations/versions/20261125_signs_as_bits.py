"""signs of embeddings as bits in PostgreSQL, which counts those that differ itself

Revision ID: 8d20c6be41f7
Revises: 3c1f7a52d8e0
Create Date: 2026-11-25 09:10:00

"""
from alembic import op


# revision identifiers, used by Alembic.
revision = '8d20c6be41f7'
down_revision = '3c1f7a52d8e0'
branch_labels = None
depends_on = None


def upgrade():
    if op.get_bind().dialect.name == 'postgresql':
        op.execute("ALTER TABLE topic_embedding ALTER COLUMN signs TYPE bit(384) USING ('x' || encode(signs, 'hex'))::bit(384)")


def downgrade():
    op.execute('DELETE FROM topic_embedding')
    op.execute('UPDATE topic SET embedded_at = NULL')
    if op.get_bind().dialect.name == 'postgresql':
        op.execute("ALTER TABLE topic_embedding ALTER COLUMN signs TYPE bytea USING ''::bytea")
