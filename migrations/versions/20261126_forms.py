"""forms kept for whoever signs in again, and versions of national themes

Revision ID: c61f0d2e9a84
Revises: 4f7a2c19e0d6
Create Date: 2026-11-26 17:30:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = 'c61f0d2e9a84'
down_revision = '4f7a2c19e0d6'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('kept_form',
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('path', sa.String(length=200), nullable=False),
    sa.Column('fields', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_kept_form_member_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kept_form')),
    sa.UniqueConstraint('public_id', name=op.f('uq_kept_form_public_id'))
    )
    op.create_index('ix_kept_form_member_id', 'kept_form', ['member_id'])
    op.create_index('ix_kept_form_created_at', 'kept_form', ['created_at'])
    op.add_column('national_theme', sa.Column('version', sa.Integer(), nullable=False, server_default='1'))


def downgrade():
    op.drop_column('national_theme', 'version')
    op.drop_table('kept_form')
