-- What the storm will do to each county: distance, hours to arrival, and the strongest 2-minute
-- mean wind and gust at the county's centre within 6, 12 and 24 hours, seen from the newest
-- track point. "Now" is the newest point landed, never the clock on the wall: a replay must
-- answer as that hour would have. A storm with neither wind nor pressure gets distances and no
-- wind (null), so that it alerts nobody. Sources stand beside the numbers; what is ours alone is
-- marked "ours". See docs/apps/flood_response_science.md.
with constant as (
    select
        6371.0088 as earth_km,          -- mean radius R1 (IUGG; Moritz 2000)
        7.292e-5 as omega,              -- rotation of the earth, 1/s
        0.514444 as ms_per_kt,          -- 1 knot = 1852 m / 3600 s
        1.15 as rho,                    -- air density, kg/m3 (Holland 1980)
        1010.0 as p_outer_hpa,          -- pressure around the storm (Atkinson and Holliday 1977)
        -- Harper et al. 2010, WMO/TD-No. 1555: greatest 10-minute of greatest 1-minute wind, at sea
        0.93 as sea_10min_per_1min,
        0.90 as surface_per_gradient,   -- at sea within 100 km of the centre (Knaff et al. 2011)
        0.55 as background_share,       -- of the translation speed (Lin and Chavas 2012)
        20.0 as background_turn_deg,    -- left of the motion, right in the south (the same)
        10.8 as force_6_ms,             -- GB/T 28591-2012
        -- Kaplan and DeMaria 1995, 1-minute wind in knots: Vb + (R V0 - Vb) exp(-alpha t)
        0.9 as landfall_r, 26.7 as landfall_vb_kt, 0.095 as landfall_alpha_per_h
),
-- Conversions by exposure (Harper et al. 2010, table 1.1, reference period 600 s): the highest
-- 2-minute mean and the highest 3-second gust, both out of the 10-minute mean. Coast: row Off-Sea
-- (onshore wind at a coastline). Inland: row In-Land (roughly open terrain), after the wind has
-- lost speed over rougher ground, a fifth as declared in parameters.yaml, or what the county or
-- its city has set for itself: the roughness in "county" below (Knaff et al. 2011;
-- EN 1991-1-4, 4.3.2 gives 0.796 at 10 m for terrain II against 0, the sea). GB 50009-2012, table
-- 8.2.1, would give 0.884 (root of 1.00 / 1.28, terrain B against A), but with Harper's gust
-- factor inland gusts would then exceed those on the coast.
exposure(coastal, mean_2min, gust_3s) as (
    values (true, 1.05, 1.38), (false, 1.12, 1.66)
),
point as (
    select
        track_id, observed_at, epoch(observed_at) / 3600.0 as hour,
        lat, lon, wind_kt, pressure_hpa
    from {{ dataset('flood_response.typhoon_track') }}
),
-- Tracks without a point at the newest instant are over, or not heard of yet: they say nothing
-- about now.
storm as (
    select * from point where hour = (select max(hour) from point)
),
-- Persistence of motion: from the oldest point of the last 12 hours, so that one step of 0.1
-- degree, the rounding of the positions, does not swing the course. Less than 3 hours apart says
-- nothing: stationary (ours).
before as (
    select p.track_id, p.hour, p.lat, p.lon
    from point p join storm s using (track_id)
    where s.hour - p.hour between 3.0 and 12.0
    qualify row_number() over (partition by p.track_id order by p.hour) = 1
),
-- Haversine and bearing only use differences of longitude inside sine and cosine, so 180 and
-- -180 are one place.
step as (
    select
        s.track_id,
        2 * earth_km * asin(least(1.0, sqrt(
            power(sin(radians(s.lat - b.lat) / 2), 2)
            + cos(radians(s.lat)) * cos(radians(b.lat)) * power(sin(radians(s.lon - b.lon) / 2), 2)
        ))) / (s.hour - b.hour) as km_per_hour,
        -- The course on arriving here: the way back to the earlier point, turned about.
        pi() + atan2(
            sin(radians(b.lon - s.lon)) * cos(radians(b.lat)),
            cos(radians(s.lat)) * sin(radians(b.lat))
            - sin(radians(s.lat)) * cos(radians(b.lat)) * cos(radians(b.lon - s.lon))
        ) as course
    from storm s join before b using (track_id) cross join constant
),
-- Maximum 10-minute mean wind at sea: as reported, else from the pressure by Atkinson and
-- Holliday 1977, Vmax (1-minute, kt) = 6.7 (1010 - Pc)^0.644. The same relation, turned about,
-- gives a missing pressure.
intensity as (
    select
        s.*,
        coalesce(t.km_per_hour, 0.0) as km_per_hour,
        coalesce(t.course, 0.0) as course,
        case when s.lat < 0 then -1.0 else 1.0 end as hemisphere,
        2 * omega * abs(sin(radians(s.lat))) as f,
        case
            when s.wind_kt is not null then 'reported'
            when s.pressure_hpa is not null then 'pressure'
            else 'none'
        end as wind_source,
        case
            when s.wind_kt is not null then s.wind_kt
            when s.pressure_hpa is not null
                then sea_10min_per_1min * 6.7
                    * power(greatest(p_outer_hpa - s.pressure_hpa, 0.0), 0.644)
        end * ms_per_kt as vmax_ms,
        case
            when s.pressure_hpa is not null then s.pressure_hpa
            when s.wind_kt is not null
                then p_outer_hpa - power(s.wind_kt / sea_10min_per_1min / 6.7, 1 / 0.644)
        end as pc_hpa
    from storm s left join step t using (track_id) cross join constant
),
-- The storm's own wind and the background it drifts in (Lin and Chavas 2012): together they
-- never exceed vmax. gradient_ms is the storm's own wind above the friction layer, as a 1-minute
-- mean.
parted as (
    select
        *,
        least(background_share * km_per_hour / 3.6, vmax_ms) as background_ms,
        vmax_ms - least(background_share * km_per_hour / 3.6, vmax_ms) as own_ms,
        greatest(vmax_ms - background_share * km_per_hour / 3.6, 1.0)
            / sea_10min_per_1min / surface_per_gradient as gradient_ms
    from intensity cross join constant
    where vmax_ms is not null
),
-- Willoughby, Darling and Rahn 2006, eq. 7a: radius of maximum wind from the wind above the
-- friction layer.
sized as (
    select *, 46.4 * exp(-0.0155 * gradient_ms + 0.0169 * abs(lat)) as rmax_km from parted
),
-- Holland 1980: B from wind and pressure, with the Coriolis term (Lin and Chavas 2012), kept
-- within his 1 to 2.5.
vortex as (
    select
        *,
        least(2.5, greatest(1.0,
            rho * exp(1) * (power(gradient_ms, 2) + gradient_ms * f * rmax_km * 1000)
            / (greatest(p_outer_hpa - pc_hpa, 1.0) * 100)
        )) as holland_b
    from sized
),
-- Every quarter of an hour for 24 hours along the great circle: a storm at 30 m/s moves 27 km in
-- that time, less than the eyewall is wide, so that its passage over a county is not stepped
-- over.
path as (
    select
        track_id,
        lead,
        asin(greatest(-1.0, least(1.0, sin_lat))) as lat,
        lon + atan2(sin(course) * sin(run) * cos(lat), cos(run) - sin(lat) * sin_lat) as lon
    from (
        select *, sin(lat) * cos(run) + cos(lat) * sin(run) * cos(course) as sin_lat
        from (
            select
                track_id, course, radians(lat) as lat, radians(lon) as lon,
                quarter / 4.0 as lead, km_per_hour * quarter / 4.0 / earth_km as run
            from intensity cross join constant cross join range(97) as lead_time(quarter)
        )
    )
),
county as (
    select
        c.division_code, radians(c.lat) as lat, radians(c.lon) as lon,
        s.division_code is not null as coastal,
        case when s.division_code is not null then 1.0
            else {{ parameter('land_reduction', c.division_code) }} end as roughness
    from {{ dataset('base.county') }} c
    left join {{ dataset('flood_response.coastal_county') }} s using (division_code)
),
-- Distance in km and bearing from the storm's centre to the county at each quarter of an hour.
seen as (
    select
        p.track_id, c.division_code, c.coastal, c.roughness, p.lead,
        2 * earth_km * asin(least(1.0, sqrt(
            power(sin((c.lat - p.lat) / 2), 2)
            + cos(c.lat) * cos(p.lat) * power(sin((c.lon - p.lon) / 2), 2)
        ))) as r_km,
        atan2(
            sin(c.lon - p.lon) * cos(c.lat),
            cos(p.lat) * sin(c.lat) - sin(p.lat) * cos(c.lat) * cos(c.lon - p.lon)
        ) as bearing
    from path p cross join county c cross join constant
),
-- The predicted centre is over land where the nearest county is an inland one, not more than 60
-- km off (ours: the package has no coastline; beyond the province the storm is taken as at sea,
-- which is the safe side).
ground as (
    select
        track_id, lead, over_land,
        count(*) filter (over_land) over (
            partition by track_id order by lead rows between unbounded preceding and 1 preceding
        ) / 4.0 as hours_over_land,
        first_value(over_land) over (partition by track_id order by lead) as landed_already
    from (
        select track_id, lead, min(r_km) <= 60 and not min_by(coastal, r_km) as over_land
        from seen group by track_id, lead
    )
),
-- What is left of the wind after so many hours over land. A storm that is over land already has
-- paid R.
decay as (
    select
        g.track_id, g.lead,
        case when over_land or hours_over_land > 0 then least(1.0, (
            landfall_vb_kt
            + (if(landed_already, 1.0, landfall_r) * v.vmax_1min_kt - landfall_vb_kt)
            * exp(-landfall_alpha_per_h * hours_over_land)
        ) / v.vmax_1min_kt) else 1.0 end as kept
    from ground g
    join (
        select track_id, greatest(vmax_ms / ms_per_kt / sea_10min_per_1min, 1.0) as vmax_1min_kt
        from intensity cross join constant where vmax_ms is not null
    ) v using (track_id)
    cross join constant
),
-- Holland 1980 in gradient balance, as a share of its value at rmax, the greatest but for storms so
-- weak that the earth's turning outweighs them: these are cut there (ours);
-- and the angle by which the wind blows in towards the centre (Phadke et al. 2003, eq. 11a-c).
-- Within 1 km of the centre it is calm in any case; the floor keeps the quotient finite.
profile as (
    select
        s.*, v.own_ms, v.background_ms, v.hemisphere, v.course,
        least(1.0, (
            sqrt(
                (power(v.gradient_ms, 2) + v.gradient_ms * v.f * v.rmax_km * 1000)
                * power(v.rmax_km / greatest(s.r_km, 1.0), v.holland_b)
                * exp(1 - power(v.rmax_km / greatest(s.r_km, 1.0), v.holland_b))
                + power(s.r_km * 1000 * v.f / 2, 2)
            ) - s.r_km * 1000 * v.f / 2
        ) / v.gradient_ms) * d.kept as share,
        radians(case
            when s.r_km < v.rmax_km then 10 * (1 + s.r_km / v.rmax_km)
            when s.r_km < 1.2 * v.rmax_km then 20 + 25 * (s.r_km / v.rmax_km - 1)
            else 25
        end) as inflow
    from seen s left join vortex v using (track_id) left join decay d using (track_id, lead)
),
-- Own wind and background are added as arrows; the background fades with the storm's own wind,
-- as far away it is no longer the storm's. Wind in the north runs against the clock round the
-- centre, in the south with it.
blown as (
    select
        p.track_id, p.division_code, p.coastal, p.lead, p.r_km,
        share * sqrt(greatest(0.0,
            power(own_ms, 2) + power(background_ms, 2) + 2 * own_ms * background_ms * cos(
                (bearing - hemisphere * (pi() / 2 + inflow))
                - (course - hemisphere * radians(background_turn_deg))
            )
        )) * p.roughness as mean_10min_ms,
        e.mean_2min,
        e.gust_3s
    from profile p join exposure e using (coastal) cross join constant
),
county_wind as (
    select
        track_id, division_code, coastal,
        max(r_km) filter (lead = 0) as distance_km,
        min(r_km) as closest_km,
        min_by(lead, r_km) as closest_lead,
        min(lead) filter (mean_10min_ms * mean_2min >= force_6_ms) as force_6_lead,
        max(mean_10min_ms * mean_2min) filter (lead = 0) as wind_now_ms,
        max(mean_10min_ms * mean_2min) filter (lead <= 6) as wind_6h_ms,
        max(mean_10min_ms * mean_2min) filter (lead <= 12) as wind_12h_ms,
        max(mean_10min_ms * mean_2min) as wind_24h_ms,
        max(mean_10min_ms * gust_3s) filter (lead <= 6) as gust_6h_ms,
        max(mean_10min_ms * gust_3s) filter (lead <= 12) as gust_12h_ms,
        max(mean_10min_ms * gust_3s) as gust_24h_ms
    from blown cross join constant
    group by all
)
select
    w.track_id,
    w.division_code,
    i.observed_at,
    w.distance_km,
    w.closest_km,
    -- A storm that stands or moves away is nearest now: without wind here it does not arrive.
    coalesce(w.force_6_lead, nullif(w.closest_lead, 0)) as hours_to_arrival,
    w.wind_now_ms, w.wind_6h_ms, w.wind_12h_ms, w.wind_24h_ms,
    w.gust_6h_ms, w.gust_12h_ms, w.gust_24h_ms,
    w.coastal,
    i.wind_source,
    i.vmax_ms,
    i.pc_hpa,
    i.km_per_hour / 3.6 as motion_ms,
    (degrees(i.course) + 360) % 360 as course_deg,
    v.gradient_ms,
    v.rmax_km,
    v.holland_b
from county_wind w
join intensity i using (track_id)
left join vortex v using (track_id)
order by w.track_id, w.division_code
