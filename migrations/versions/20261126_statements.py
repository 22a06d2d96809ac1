"""who decided, what an edit replaced, and the answer to a contest

Revision ID: 7c1e58d2ab94
Revises: 5c1e7a90d3b8
Create Date: 2026-11-26 17:50:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '7c1e58d2ab94'
down_revision = 'c51e7d0f9a34'
branch_labels = None
depends_on = None

MEMBER = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    with op.batch_alter_table('statement', schema=None) as batch_op:
        batch_op.add_column(sa.Column('version', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('actor_id', MEMBER, nullable=True))
        batch_op.add_column(sa.Column('contest_told_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('answered_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('answered_by_id', MEMBER, nullable=True))
        batch_op.add_column(sa.Column('answer', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('taken_back', sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column('answer_told_at', sa.DateTime(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_statement_actor_id'), 'member', ['actor_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_statement_answered_by_id'), 'member', ['answered_by_id'], ['id'])
        batch_op.create_index(batch_op.f('ix_statement_contested_at'), ['contested_at'], unique=False)


def downgrade():
    with op.batch_alter_table('statement', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_statement_contested_at'))
        batch_op.drop_constraint(batch_op.f('fk_statement_answered_by_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_statement_actor_id'), type_='foreignkey')
        for name in ('answer_told_at', 'taken_back', 'answer', 'answered_by_id', 'answered_at', 'contest_told_at', 'actor_id', 'version'):
            batch_op.drop_column(name)
