-- Which delivery of a payment is first, for endpoints that want them in order. By payment alone: as the plan is made
-- while the table is empty, an index that begins with the endpoint was taken for as good as the one of all that an
-- endpoint was ever sent, and the latter was read for each delivery that waited.
create index deliveries_in_order on deliveries (payment_id, sequence) where status = 'pending';
drop index deliveries_pending;
