"""how the lanes of background work stand, and what they set aside

Revision ID: b3f0a91c7d52
Revises: 8d20c6be41f7
Create Date: 2026-11-26 14:20:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = 'b3f0a91c7d52'
down_revision = '8d20c6be41f7'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('lane',
    sa.Column('name', sa.String(length=10), nullable=False),
    sa.Column('done_at', sa.DateTime(), nullable=False),
    sa.Column('failing_since', sa.DateTime(), nullable=True),
    sa.Column('failure', sa.String(length=120), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_lane'))
    )
    op.create_table('set_aside',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('work', sa.String(length=20), nullable=False),
    sa.Column('subject_id', sa.BigInteger(), nullable=False),
    sa.Column('error', sa.String(length=80), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_set_aside'))
    )
    with op.batch_alter_table('set_aside', schema=None) as batch_op:
        batch_op.create_index('uq_set_aside_work_subject_id', ['work', 'subject_id'], unique=True)


def downgrade():
    op.drop_table('set_aside')
    op.drop_table('lane')
