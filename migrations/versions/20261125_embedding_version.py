"""embeddings say of which sentence model they are, and keep their signs

Those kept are of the model before: they go, and the sweep makes them anew.

Revision ID: 3c1f7a52d8e0
Revises: 96010f4ecae3
Create Date: 2026-11-25 02:45:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '3c1f7a52d8e0'
down_revision = '96010f4ecae3'
branch_labels = None
depends_on = None


def upgrade():
    op.execute('DELETE FROM topic_embedding')
    op.execute('UPDATE topic SET embedded_at = NULL')
    with op.batch_alter_table('topic_embedding', schema=None) as batch_op:
        batch_op.add_column(sa.Column('version', sa.Integer(), nullable=False))
        batch_op.add_column(sa.Column('signs', sa.LargeBinary(), nullable=False))
        batch_op.create_index('ix_topic_embedding_version', ['version'], unique=False)


def downgrade():
    with op.batch_alter_table('topic_embedding', schema=None) as batch_op:
        batch_op.drop_index('ix_topic_embedding_version')
        batch_op.drop_column('signs')
        batch_op.drop_column('version')
