"""signs of embeddings as bits in PostgreSQL, which counts those that differ itself; beside them what comparing asks of a topic

Those kept are of the model before: they go, and the sweep makes them anew.

Revision ID: 8d20c6be41f7
Revises: 3c1f7a52d8e0
Create Date: 2026-11-25 09:10:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '8d20c6be41f7'
down_revision = '3c1f7a52d8e0'
branch_labels = None
depends_on = None


def upgrade():
    make_anew()
    with op.batch_alter_table('topic_embedding', schema=None) as batch_op:
        batch_op.add_column(sa.Column('section_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False))
        batch_op.add_column(sa.Column('is_solved', sa.Boolean(), nullable=False))
        batch_op.create_foreign_key(batch_op.f('fk_topic_embedding_section_id'), 'section', ['section_id'], ['id'])
    if op.get_bind().dialect.name == 'postgresql':
        op.execute("ALTER TABLE topic_embedding ALTER COLUMN signs TYPE bit(384) USING NULL")


def downgrade():
    make_anew()
    with op.batch_alter_table('topic_embedding', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_topic_embedding_section_id'), type_='foreignkey')
        batch_op.drop_column('is_solved')
        batch_op.drop_column('section_id')
    if op.get_bind().dialect.name == 'postgresql':
        op.execute("ALTER TABLE topic_embedding ALTER COLUMN signs TYPE bytea USING NULL")


def make_anew():
    op.execute('DELETE FROM topic_embedding')
    op.execute('UPDATE topic SET embedded_at = NULL')
