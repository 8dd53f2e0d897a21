-- What breaks each invariant, by the name of its check in verify.sql; `check__way` where there are several ways.

-- name: i12_figures_are_what_the_facts_say__amount
UPDATE figure_hour SET amount = amount + 1 WHERE tenant_id = %(tenant)s AND figure = 'placed'

-- name: i12_figures_are_what_the_facts_say__missing
DELETE FROM figure_hour WHERE tenant_id = %(tenant)s AND figure = 'sales'

-- name: i12_figures_are_what_the_facts_say__channel
UPDATE figure_hour SET channel = 'elsewhere' WHERE tenant_id = %(tenant)s AND figure = 'sales'
