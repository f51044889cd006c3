-- Several accounts at one provider: what a provider numbers, it numbers within an account.

-- Processes of the release before this one write no account: all they know is `default`.
alter table provider_references add column account text not null default 'default';
create unique index provider_references_of_account on provider_references (provider, account, reference);
alter table provider_references
  drop constraint provider_references_pkey,
  add constraint provider_references_pkey primary key using index provider_references_of_account;

-- Beside `commit_reference`, which those processes go on using.
create type commit_account_reference as (n int4, provider text, account text, reference text, subject text);
