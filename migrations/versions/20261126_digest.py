"""when themes were made, merged and set by hand; no reason why a cell is withheld; passages taken out of digests

Revision ID: 5f1c7d2ab904
Revises: b3f0a91c7d52
Create Date: 2026-11-26 17:20:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '5f1c7d2ab904'
down_revision = 'b3f0a91c7d52'
branch_labels = None
depends_on = None


def upgrade():
    # Column by column, no table is made anew: its children and its rows stay where they are.
    op.add_column('theme', sa.Column('created_at', sa.DateTime(), nullable=True))
    op.add_column('theme', sa.Column('merged_at', sa.DateTime(), nullable=True))
    op.add_column('topic_theme', sa.Column('set_at', sa.DateTime(), nullable=True))
    op.drop_column('digest', 'drafted_reasons')
    op.create_index('ix_post_created_at', 'post', ['created_at'])
    op.create_table('former_topic_theme',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('topic_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('theme_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('set_at', sa.DateTime(), nullable=True),
    sa.Column('replaced_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['theme_id'], ['theme.id'], name=op.f('fk_former_topic_theme_theme_id_theme')),
    sa.ForeignKeyConstraint(['topic_id'], ['topic.id'], name=op.f('fk_former_topic_theme_topic_id_topic')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_former_topic_theme'))
    )
    op.create_index('ix_former_topic_theme_topic_id', 'former_topic_theme', ['topic_id'])
    op.create_table('digest_redaction',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('digest_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['member.id'], name=op.f('fk_digest_redaction_by_id_member')),
    sa.ForeignKeyConstraint(['digest_id'], ['digest.id'], name=op.f('fk_digest_redaction_digest_id_digest')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_digest_redaction'))
    )
    op.create_index('ix_digest_redaction_digest_id', 'digest_redaction', ['digest_id'])


def downgrade():
    op.drop_table('digest_redaction')
    op.drop_table('former_topic_theme')
    op.drop_index('ix_post_created_at', 'post')
    op.add_column('digest', sa.Column('drafted_reasons', sa.Text(), nullable=True))
    op.drop_column('topic_theme', 'set_at')
    op.drop_column('theme', 'merged_at')
    op.drop_column('theme', 'created_at')
