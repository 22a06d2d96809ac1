"""sessions and known devices as rows, and how often something may be tried

Who was signed in signs in once more: the cookies of before speak of no row.

Revision ID: c51e7d0f9a34
Revises: 9a41d7c3e6b2
Create Date: 2026-11-26 17:30:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = 'c51e7d0f9a34'
down_revision = '9a41d7c3e6b2'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table('known_device',
    sa.Column('member_id', KEY, nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('browser', sa.String(length=20), nullable=False),
    sa.Column('system', sa.String(length=20), nullable=False),
    sa.Column('used_at', sa.DateTime(), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.Column('public_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_known_device_member_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_known_device')),
    sa.UniqueConstraint('public_id', name=op.f('uq_known_device_public_id')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_known_device_token_hash'))
    )
    with op.batch_alter_table('known_device', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_known_device_member_id'), ['member_id'], unique=False)

    op.create_table('member_session',
    sa.Column('member_id', KEY, nullable=False),
    sa.Column('device_id', KEY, nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('opened_at', sa.DateTime(), nullable=False),
    sa.Column('seen_at', sa.DateTime(), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.Column('public_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['device_id'], ['known_device.id'], name=op.f('fk_member_session_device_id')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_member_session_member_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_member_session')),
    sa.UniqueConstraint('public_id', name=op.f('uq_member_session_public_id')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_member_session_token_hash'))
    )
    with op.batch_alter_table('member_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_member_session_device_id'), ['device_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_member_session_member_id'), ['member_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_member_session_seen_at'), ['seen_at'], unique=False)

    op.create_table('pace',
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('subject', sa.String(length=64), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('last_at', sa.DateTime(), nullable=False),
    sa.Column('free_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'subject', name=op.f('pk_pace'))
    )
    with op.batch_alter_table('pace', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_pace_last_at'), ['last_at'], unique=False)

    op.drop_table('attempt')  # of the last hour


def downgrade():
    op.create_table('attempt',
    sa.Column('id', KEY, nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('subject', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempt'))
    )
    with op.batch_alter_table('attempt', schema=None) as batch_op:
        batch_op.create_index('ix_attempt_kind_subject_at', ['kind', 'subject', 'at'], unique=False)

    op.drop_table('pace')
    op.drop_table('member_session')
    op.drop_table('known_device')
