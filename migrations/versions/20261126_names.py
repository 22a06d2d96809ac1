"""the name of a member as a name typed is looked for in

Revision ID: 9a41d7c3e6b2
Revises: c61f0d2e9a84
Create Date: 2026-11-26 18:10:00

"""
import unicodedata

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '9a41d7c3e6b2'
down_revision = 'c61f0d2e9a84'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('member', sa.Column('flat_name', sa.Text(), nullable=False, server_default=''))
    member = sa.table('member', sa.column('id', sa.BigInteger), sa.column('name', sa.String), sa.column('flat_name', sa.Text))
    rows = op.get_bind().execute(sa.select(member.c.id, member.c.name)).all()
    for row in rows:
        op.execute(member.update().where(member.c.id == row.id).values(flat_name=flat(row.name)))


def downgrade():
    with op.batch_alter_table('member', schema=None) as batch_op:
        batch_op.drop_column('flat_name')


def flat(name):
    """As text/cleaning.py made it on this day."""
    spread = unicodedata.normalize('NFKD', name.lower().replace('œ', 'oe').replace('æ', 'ae')).lower()
    return ''.join(character for character in spread if character.isalnum())
