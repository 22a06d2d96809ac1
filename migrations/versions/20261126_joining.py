"""whoever reads the mailbox chooses the password; referents are told of requests; a request can be withdrawn

Revision ID: 5c1e7a90d3b8
Revises: 5f1c7d2ab904
Create Date: 2026-11-26 17:20:00

"""
import secrets
from datetime import UTC, datetime

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '5c1e7a90d3b8'
down_revision = '5f1c7d2ab904'
branch_labels = None
depends_on = None

_member = sa.table(
    'member', sa.column('id'), sa.column('password_hash'), sa.column('session_key'), sa.column('address_confirmed_at')
)


def upgrade():
    op.add_column('referent', sa.Column('requests_due_at', sa.DateTime(), nullable=True))
    op.add_column('referent', sa.Column('requests_told_at', sa.DateTime(), nullable=True))
    # Requests that wait today were told to nobody; where none waits the sweep takes the mark away.
    op.execute(sa.text("update referent set requests_due_at = :now").bindparams(
        sa.bindparam('now', datetime.now(UTC).replace(tzinfo=None), sa.DateTime())
    ))
    op.add_column('mail', sa.Column('kind', sa.String(length=20), nullable=False, server_default=''))
    with op.batch_alter_table('membership_request', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_membership_request_state'), type_='check')
        batch_op.create_check_constraint(
            op.f('ck_membership_request_state'), "state in ('waiting', 'accepted', 'refused', 'withdrawn')"
        )
    _forget_passwords_chosen_before_the_address_was_confirmed()


def _forget_passwords_chosen_before_the_address_was_confirmed():
    """Whoever typed the address chose them, which may not be who reads its mails."""
    bind = op.get_bind()
    unconfirmed = sa.select(_member.c.id).where(_member.c.address_confirmed_at.is_(None))
    for member_id in bind.execute(unconfirmed).scalars().all():
        anew = {'password_hash': '', 'session_key': secrets.token_urlsafe(16)}
        bind.execute(sa.update(_member).where(_member.c.id == member_id).values(**anew))


def downgrade():
    op.execute("update membership_request set state = 'refused' where state = 'withdrawn'")
    with op.batch_alter_table('membership_request', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_membership_request_state'), type_='check')
        batch_op.create_check_constraint(
            op.f('ck_membership_request_state'), "state in ('waiting', 'accepted', 'refused')"
        )
    op.drop_column('mail', 'kind')
    op.drop_column('referent', 'requests_told_at')
    op.drop_column('referent', 'requests_due_at')
