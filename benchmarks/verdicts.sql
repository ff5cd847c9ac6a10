-- Everybody's current output with its verdict on a day ($day), from the raw rows, by the rulebook: the reference in DuckDB.
-- Holds for what benchmarks.nation makes up: at most one return from deferral each; what was declared for somebody without an
-- activity log has a cut-off; Output 1 is declared before Output 2's review.
WITH moved AS (
    SELECT participant_id, decided_on AS moved_on, cohort FROM decision WHERE kind = 'resumption' AND cohort IS NOT NULL
), declared AS (
    SELECT participant_id, output, max(declared_on) AS declared_on,
           arg_max_null(evidence_cutoff, declared_on) AS evidence_cutoff
    FROM declarations
    WHERE state NOT IN ('voided', 'ineligible', 'clawed_back') AND declared_on <= $day
    GROUP BY ALL
), current AS (
    SELECT p.participant_id, min(o.output) AS output
    FROM participants p JOIN pack_output o USING (course)
    LEFT JOIN declared d ON d.participant_id = p.participant_id AND d.output = o.output
    WHERE d.output IS NULL
    GROUP BY ALL
), attended AS (
    SELECT participant_id,
           CASE WHEN contingency IS NOT NULL AND contingency_on IS NOT NULL THEN contingency_on ELSE event_date END AS day
    FROM register WHERE status IN ('attended', 'completed')
), crossed AS (
    SELECT participant_id, block, min(viewed_on) AS day FROM videos WHERE percent_viewed >= 90 GROUP BY ALL
), before AS (  -- the output before the current one, and the one before that
    SELECT c.participant_id, c.output, p.course, d1.declared_on AS declared_1, d2.declared_on AS declared_2,
           d1.evidence_cutoff AS cutoff_1, d2.evidence_cutoff AS cutoff_2,
           r1.review AS review_1, r2.review AS review_2
    FROM current c
    JOIN participants p USING (participant_id)
    JOIN pack_output o ON o.course = p.course AND o.output = c.output AND o.kind = 'retention'
    JOIN declared d1 ON d1.participant_id = c.participant_id AND d1.output = 1
    LEFT JOIN declared d2 ON d2.participant_id = c.participant_id AND d2.output = 2
    LEFT JOIN moved m ON m.participant_id = c.participant_id
    LEFT JOIN pack_review r1 ON r1.course = p.course AND r1.output = 1
        AND r1.cohort = CASE WHEN m.moved_on <= d1.declared_on THEN m.cohort ELSE p.cohort END
    LEFT JOIN pack_review r2 ON r2.course = p.course AND r2.output = 2
        AND r2.cohort = CASE WHEN m.moved_on <= d2.declared_on THEN m.cohort ELSE p.cohort END
), first_1 AS (  -- the first day on which Output 1 was met, where its cut-off is not known
    SELECT participant_id, min(day) AS day FROM (
        SELECT b.participant_id, a.day FROM before b JOIN attended a USING (participant_id)
        WHERE b.cutoff_1 IS NULL AND a.day <= b.declared_1
        UNION ALL
        SELECT b.participant_id, a.completed_on FROM before b JOIN activities a USING (participant_id)
        WHERE b.cutoff_1 IS NULL AND a.completed_on <= b.declared_1 AND a.credits > 0
          AND lower(a.component) = 'self-study' AND NOT starts_with(lower(a.title), 'micro implementation tasks')
        UNION ALL
        SELECT b.participant_id, v.day FROM before b JOIN crossed v USING (participant_id)
        WHERE b.cutoff_1 IS NULL AND v.block = 1 AND v.day <= b.declared_1
    ) GROUP BY ALL
), until_1 AS (
    SELECT b.*, coalesce(b.cutoff_1, greatest(b.review_1, f.day), b.declared_1) AS used_1
    FROM before b LEFT JOIN first_1 f USING (participant_id)
), first_2 AS (  -- the same for Output 2
    SELECT participant_id, min(day) AS day FROM (
        SELECT u.participant_id, a.day FROM until_1 u JOIN attended a USING (participant_id)
        WHERE u.output = 3 AND u.cutoff_2 IS NULL AND a.day > u.used_1 AND a.day <= u.declared_2
        UNION ALL
        SELECT u.participant_id, a.completed_on FROM until_1 u JOIN activities a USING (participant_id)
        WHERE u.output = 3 AND u.cutoff_2 IS NULL AND a.completed_on > u.used_1 AND a.completed_on <= u.declared_2
          AND a.credits > 0
        UNION ALL
        SELECT u.participant_id, v.day FROM until_1 u JOIN crossed v USING (participant_id)
        WHERE u.output = 3 AND u.cutoff_2 IS NULL AND v.day > u.used_1 AND v.day <= u.declared_2
    ) GROUP BY ALL
), people AS (
    SELECT p.participant_id, p.course, p.cohort, p.delivery_partner, p.application_status, p.training_status, c.output,
           o.kind, o.defined, t.total, t.most_without, k.starts_on,
           coalesce(CASE c.output WHEN 2 THEN u.used_1
                        WHEN 3 THEN coalesce(u.cutoff_2, greatest(u.review_2, f.day), u.declared_2) END,
                    DATE '0001-01-01') AS baseline,
           r.review
    FROM current c
    JOIN participants p USING (participant_id)
    JOIN pack_output o ON o.course = p.course AND o.output = c.output
    JOIN pack_course t ON t.course = p.course
    JOIN pack_cohort k ON k.cohort = p.cohort
    LEFT JOIN until_1 u ON u.participant_id = c.participant_id
    LEFT JOIN first_2 f ON f.participant_id = c.participant_id
    LEFT JOIN moved m ON m.participant_id = c.participant_id AND m.moved_on <= $day
    LEFT JOIN pack_review r ON r.course = p.course AND r.output = c.output AND r.cohort = coalesce(m.cohort, p.cohort)
), log AS (
    SELECT a.participant_id,
           sum(credits) FILTER (completed_on <= least(baseline, $day)) AS earned_before,
           sum(credits) FILTER (completed_on <= $day) AS earned,
           bool_or(credits > 0 AND completed_on > baseline AND completed_on <= $day) AS anything,
           bool_or(credits > 0 AND completed_on > baseline AND completed_on <= $day AND lower(component) = 'self-study'
                   AND NOT starts_with(lower(title), 'micro implementation tasks')) AS units,
           bool_or(credits > 0 AND completed_on > baseline AND completed_on <= $day AND lower(component) = 'self-study'
                   AND starts_with(lower(title), 'micro implementation tasks')) AS tasks
    FROM activities a JOIN people USING (participant_id) GROUP BY ALL
), figures AS (  -- cumulative figures of both reports; on one day the Declaration report's stands
    SELECT participant_id, run_on AS day, cumulative_credits AS figure, 0 AS rank FROM engagement_report
    WHERE cumulative_credits IS NOT NULL
    UNION ALL
    SELECT participant_id, period_end, cumulative_credits, 1 FROM declaration_report WHERE cumulative_credits IS NOT NULL
), newest AS (
    SELECT f.participant_id,
           arg_max(figure, (day, rank)) FILTER (day <= $day) AS earned,
           arg_max(figure, (day, rank)) FILTER (day <= least(baseline, $day)) AS earned_before
    FROM figures f JOIN people USING (participant_id) GROUP BY ALL
), chained AS (
    SELECT *, period_start = lag(period_end) OVER (PARTITION BY participant_id ORDER BY period_start) + 1 AS follows,
           row_number() OVER (PARTITION BY participant_id ORDER BY period_start) = 1 AS is_first
    FROM declaration_report
), periods AS (
    SELECT c.participant_id,
           bool_or(is_first AND period_start <= starts_on) AS from_start,
           bool_and(follows OR is_first) FILTER (period_end <= $day) AS whole,
           bool_and(follows OR is_first) FILTER (period_end <= least(baseline, $day)) AS whole_before,
           coalesce(sum(credits) FILTER (period_end <= $day), 0) AS earned,
           coalesce(sum(credits) FILTER (period_end <= least(baseline, $day)), 0) AS earned_before,
           coalesce(bool_or(credits > 0 AND period_end > baseline AND period_end <= $day), false) AS anything,
           count(*) FILTER (period_end > baseline AND period_end <= $day) AS past,
           count(self_study_credits) FILTER (period_end > baseline AND period_end <= $day) AS split,
           coalesce(sum(self_study_credits) FILTER (period_end > baseline AND period_end <= $day), 0) AS self_study,
           coalesce(sum(credits) FILTER (period_end > baseline AND period_end <= $day), 0) AS of_past,
           coalesce(sum(credits) FILTER (self_study_credits IS NOT NULL AND period_end > baseline AND period_end <= $day), 0)
               AS of_split
    FROM chained c JOIN people USING (participant_id) GROUP BY ALL
), sessions AS (
    SELECT participant_id, true AS attended FROM attended JOIN people USING (participant_id)
    WHERE day > baseline AND day <= $day GROUP BY ALL
), marked AS (
    SELECT DISTINCT event_id FROM register WHERE status <> 'booked'
), unmarked AS (
    SELECT participant_id, true AS unmarked FROM register r JOIN people USING (participant_id)
    WHERE r.status = 'booked' AND event_date > baseline AND event_date <= $day
      AND event_id NOT IN (SELECT event_id FROM marked)
    GROUP BY ALL
), watched AS (
    SELECT participant_id, bool_or(block = 1) AS first_block, true AS any_block FROM crossed JOIN people USING (participant_id)
    WHERE day > baseline AND day <= $day GROUP BY ALL
), imported AS (
    SELECT delivery_partner, course, cohort, bool_or(kind = 'register') AS register, bool_or(kind = 'videos') AS videos,
           bool_or(kind = 'credits') AS credits
    FROM (SELECT DISTINCT participant_id, 'register' AS kind FROM register
          UNION ALL SELECT DISTINCT participant_id, 'videos' FROM videos
          UNION ALL SELECT DISTINCT participant_id, 'credits' FROM activities
          UNION ALL SELECT DISTINCT participant_id, 'credits' FROM declaration_report
          UNION ALL SELECT DISTINCT participant_id, 'credits' FROM engagement_report) k
    JOIN participants USING (participant_id) GROUP BY ALL
), reported AS (
    SELECT participant_id FROM declaration_report UNION SELECT participant_id FROM engagement_report
), exempted AS (
    SELECT DISTINCT p.participant_id FROM people p
    LEFT JOIN decision d ON d.participant_id = p.participant_id AND d.kind = 'deferral' AND d.decided_on <= $day
    LEFT JOIN decision r ON r.participant_id = p.participant_id AND r.kind = 'resumption' AND r.decided_on <= $day
    WHERE p.review <= $day AND (
        (p.training_status = 'deferred' AND r.id IS NULL)
        OR (d.starts_on <= p.review AND (r.id IS NULL OR (r.decided_on, r.id) < (greatest(d.starts_on, d.decided_on), d.id))))
), facts AS (
    SELECT p.*, i.register AS has_register, i.videos AS has_videos,
           CASE WHEN l.participant_id IS NOT NULL THEN coalesce(l.earned, 0)
                WHEN q.participant_id IS NOT NULL
                    THEN coalesce(n.earned, CASE WHEN e.from_start AND coalesce(e.whole, true) THEN e.earned END)
                WHEN i.credits THEN 0 END AS earned,
           CASE WHEN p.output = 1 THEN 0
                WHEN l.participant_id IS NOT NULL THEN coalesce(l.earned_before, 0)
                WHEN q.participant_id IS NOT NULL THEN coalesce(
                    n.earned_before, CASE WHEN e.from_start AND coalesce(e.whole_before, true) THEN e.earned_before END)
                WHEN i.credits THEN 0 END AS earned_before,
           coalesce(l.anything, false) OR coalesce(e.anything, false) AS anything,
           l.participant_id IS NOT NULL AS has_log, coalesce(l.units, false) AS units, coalesce(l.tasks, false) AS tasks,
           q.participant_id IS NOT NULL AS has_reports, coalesce(i.credits, false) AS has_credits,
           coalesce(e.past, 0) AS past, coalesce(e.split, 0) AS split, coalesce(e.self_study, 0) AS self_study,
           coalesce(e.of_past, 0) AS of_past, coalesce(e.of_split, 0) AS of_split,
           coalesce(e.from_start AND coalesce(e.whole, true), false) AS contiguous,
           coalesce(s.attended, false) AS attended, coalesce(u.unmarked, false) AS unmarked,
           coalesce(w.first_block, false) AS first_block, coalesce(w.any_block, false) AS any_block,
           a.participant_id IS NOT NULL AS has_assessment, a.marked_on, a.moderated_on, a.external_moderation, a.copies_held,
           a.result, x.participant_id IS NOT NULL AS exempt
    FROM people p
    LEFT JOIN imported i ON i.delivery_partner = p.delivery_partner AND i.course = p.course AND i.cohort = p.cohort
    LEFT JOIN log l ON l.participant_id = p.participant_id
    LEFT JOIN reported q ON q.participant_id = p.participant_id
    LEFT JOIN newest n ON n.participant_id = p.participant_id
    LEFT JOIN periods e ON e.participant_id = p.participant_id
    LEFT JOIN sessions s ON s.participant_id = p.participant_id
    LEFT JOIN unmarked u ON u.participant_id = p.participant_id
    LEFT JOIN watched w ON w.participant_id = p.participant_id
    LEFT JOIN assessments a ON a.participant_id = p.participant_id
    LEFT JOIN exempted x ON x.participant_id = p.participant_id
), criteria AS (  -- 2: met, 1: unknown, 0: not met
    SELECT *,
           CASE WHEN attended THEN 2 WHEN unmarked OR has_register IS NOT TRUE THEN 1 ELSE 0 END AS attendance,
           CASE WHEN CASE WHEN kind = 'started' THEN first_block ELSE any_block END THEN 2
                WHEN has_videos IS NOT TRUE THEN 1 ELSE 0 END AS video,
           CASE WHEN earned > earned_before OR anything THEN 2
                WHEN earned IS NULL OR earned_before IS NULL OR earned < earned_before THEN 1 ELSE 0 END AS progress,
           CASE WHEN has_log THEN CASE WHEN units THEN 2 WHEN tasks THEN 1 ELSE 0 END
                WHEN has_reports THEN
                    CASE WHEN self_study >= 1 THEN 2
                         WHEN earned = 0 OR (past > 0 AND split = past AND contiguous) THEN 0
                         WHEN coalesce(earned, of_past) - of_split > most_without THEN 2
                         ELSE 1 END
                WHEN has_credits THEN 0 ELSE 1 END AS self_study_done,
           CASE WHEN total IS NULL OR earned IS NULL THEN 1 WHEN earned * 100 >= 90 * total THEN 2 ELSE 0 END AS share,
           CASE WHEN NOT has_assessment THEN 1
                WHEN marked_on <= $day AND moderated_on <= $day AND external_moderation IN ('done', 'not_sampled') THEN 2
                WHEN external_moderation = 'pending' OR marked_on > $day OR moderated_on > $day THEN 0
                ELSE 1 END AS tracked,
           CASE WHEN NOT has_assessment THEN 1
                WHEN copies_held AND result IS NOT NULL AND moderated_on <= $day AND coalesce(marked_on, $day) <= $day THEN 2
                WHEN NOT copies_held OR marked_on > $day OR moderated_on > $day THEN 0
                ELSE 1 END AS copies
    FROM facts
), judged AS (
    SELECT *,
           CASE WHEN application_status <> 'accepted' THEN 0
                WHEN kind = 'started' THEN greatest(attendance, self_study_done, video)
                WHEN kind = 'retention' THEN greatest(progress, attendance, video)
                ELSE least(tracked, share, copies) END AS held
    FROM criteria
)
SELECT participant_id, output,
       CASE WHEN NOT defined THEN 'not_defined'
            WHEN held = 2 THEN 'met'
            WHEN exempt THEN 'exempt'
            WHEN held = 1 THEN 'unknown' ELSE 'not_met' END AS verdict
FROM judged
