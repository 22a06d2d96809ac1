"""where a moved topic was written, a question that still waits, a solution while it is hidden

Revision ID: 4f7a2c19e0d6
Revises: 5c1e7a90d3b8
Create Date: 2026-11-26 17:40:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '4f7a2c19e0d6'
down_revision = '5c1e7a90d3b8'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.add_column(sa.Column('solution_since', sa.DateTime(), nullable=True))
    with op.batch_alter_table('topic', schema=None) as batch_op:
        batch_op.add_column(sa.Column('waits_since', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('written_in_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('narrowed_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('moved_from_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('moved_at', sa.DateTime(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_topic_written_in_id_section'), 'section', ['written_in_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_topic_moved_from_id_section'), 'section', ['moved_from_id'], ['id'])
    # "Waiting, one reply" told that an unnamed reply was the asker's own.
    op.execute("""
        update topic set state = 'answered', changed = changed + 1, indexed_at = null
        where state = 'open' and exists (
            select 1 from post
            where post.topic_id = topic.id and post.anonymous and post.hidden_at is null and post.id <> topic.first_post_id
        )
    """)


def downgrade():
    with op.batch_alter_table('topic', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_topic_moved_from_id_section'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_topic_written_in_id_section'), type_='foreignkey')
        batch_op.drop_column('moved_at')
        batch_op.drop_column('moved_from_id')
        batch_op.drop_column('narrowed_at')
        batch_op.drop_column('written_in_id')
        batch_op.drop_column('waits_since')
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.drop_column('solution_since')
