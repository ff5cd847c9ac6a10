"""All that is worked out from facts and decisions, and kept. Each could be thrown away at any moment and made anew.

What is kept where, from what, how long, and which test proves it (in the database: `table` or `table.column`; in a
process's memory: `module.Class`). Elsewhere nothing is remembered of facts and decisions but by pure functions of the rules.

what | from what | kept in | valid while | made by | proved by
--- | --- | --- | --- | --- | ---
the state | every change | caseload_revision | always | following.move_on | derived/test_following.py
the states it passed through | every change | revision_mark | a few hundred | following.move_on | derived/test_following.py
progress records | facts | progress | on their basis | progress_store.refresh | derived/test_progress.py
what these rest on | the pack's words, their layout | progress_basis | for this pack | progress_store.rebuild | derived/test_progress.py
kinds of file of each group | progress records | imported_kinds | as the records | progress_store.refresh | derived/test_progress.py
posts to be redrawn | facts, decisions, whom posts name | post.needs_update | until they are | changes.Change | delivery/test_true_posts.py
a message's state | its pages' states | message.state | always | outbox.roll_up | delivery/test_delivering.py
what the last plan saw | the state, pack, places, days | plan_mark | while it would see the same | planning.plan | delivery/test_planning.py
who has which name | facts | people_index.Directory | until one changes | people_index.KnownState | derived/test_people_index.py
the same, by key | the directory | people_index._Index | as the directory | people_index.Directory | derived/test_people_index.py
standings of a day | facts, decisions | people_index.KnownState | till they change | people_index.KnownState | derived/test_people_index.py
the two last states | the state | people_index.PeopleIndex | while one is seen | people_index.PeopleIndex | derived/test_people_index.py
finished answers | standings, role | finished_answers.FinishedAnswers | till they change | finishing_answers | derived/test_people_index.py
the question before each | the database's kind | finished_answers.MemberQuestion | always | itself | flows/test_at_once.py
a planner's memory | records, plans, decisions | caseloads.Caseloads | while theirs stay | caseloads.Caseloads | derived/test_caseloads.py
and of one Delivery Partner | the same | partner_agenda.PartnerAgenda | as that | caseloads.Caseloads | derived/test_caseloads.py
how records are folded | the pack | installation.Installation | always | installation.Installation | derived/test_progress.py
"""
