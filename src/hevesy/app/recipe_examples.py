"""A case of each recipe to start from."""

_HEAD = """# A case for `hevesy plan`. A quantity has its unit with it, and may have its standard uncertainty: "0.2 ± 0.02 kg".
"""

EXAMPLES = {
    "y90-radioembolisation": _HEAD
    + """recipe = "y90-radioembolisation"
method = "partition"                 # or body-surface, single-compartment, multi-compartment, voxel
spheres = "resin"                    # or "glass"; left out: no comparison with the guideline's dose to normal liver
constant = "icrp107"                 # 49.77 J/GBq; or "published", 49.67

lung_shunt = "5 ± 1 %"               # or a table [planar] or [spect], below
lung_mass = "1.0 kg"                 # left out: 1.0 kg, and the report says so
tumour_mass = "0.2 ± 0.02 kg"
liver_mass = "1.3 ± 0.1 kg"          # normal liver that is perfused, without tumour
concentration_ratio = "3.5 ± 0.5"    # activity per mass, tumour by normal liver (T/N); or
# activity_ratio = "0.54 ± 0.08"     # all of the tumour by all of the normal liver

liver_limit = "40 Gy"                # limits and goal give the activity: the smallest rules
lung_limit = "30 Gy"
exceed = "5 %"                       # chance with which each limit may be exceeded; 50 %: best estimate
tumour_goal = "150 Gy"
# activity = "2 GBq"                 # or the activity gives the doses
# residual = "1 %"                   # left in vial and line

# [planar]                           # net counts, front and back: background and scatter taken off
# lung = ["12000 ± 150", "11000 ± 150"]
# liver = ["210000 ± 600", "190000 ± 600"]
# attenuation_ratio = "1.6 ± 0.2"    # exp(mu d / 2) of the liver by that of the lungs

# [spect]
# lung = "4 ± 0.5 MBq"
# liver = "120 ± 6 MBq"

# method = "body-surface" (resin):   height = "176 cm", weight = "70 kg", tumour_volume = "200 ml", liver_volume = "1500 ml"
# method = "single-compartment":     perfused_mass = "1.5 kg", perfused_goal = "120 Gy"
# method = "voxel":                  distribution = "maa.nii.gz", liver_mask = "liver.nii.gz", tumour_mask = "tumour.nii.gz"
# method = "multi-compartment":
# [[injection]]
# name = "right lobe"
# activity = "1.2 GBq"
# liver_mass = "0.9 kg"
# lung_shunt = "4 %"
# [[injection.compartment]]
# name = "tumour 1"
# mass = "120 g"
# concentration_ratio = "4"
""",
    "i131-benign-thyroid": _HEAD
    + """recipe = "i131-benign-thyroid"
disease = "graves"                   # graves, graves ablative, autonomous nodule, multinodular, goitre
goal = "150 Gy"                      # left out: that of the disease where the guideline gives one number
mass = "25 ± 4 g"                    # of the target: the thyroid, or the nodule

# Times after the administration, uptakes corrected for decay. Two or more.
uptakes = [["4 h", "28 ± 2 %"], ["24 h", "52 ± 3 %"], ["48 h", "54 ± 3 %"], ["144 h", "44 ± 3 %"]]

# or
# uptake = "55 ± 3 %"
# effective_half_life = "5.5 ± 0.5 d"
# or
# tiac = "100 ± 8 h"
""",
    "i131-thyroid-cancer": _HEAD
    + """recipe = "i131-thyroid-cancer"
weight = "70 kg"
whole_body_tiac = "31 ± 2 h"         # time-integrated activity coefficients; `hevesy blood` gives them
blood_tiac = "3.2 ± 0.3 h"           # of all blood, with its volume; or blood_tiac_per_ml = "0.0006 h/ml"
blood_volume = "5.3 l"
# or blood_dose_per_activity = "0.0995 ± 0.01 Gy/GBq"

retained_48h = "20 ± 2 %"            # of the administered activity, not corrected for decay
lung_metastases = false              # diffuse, with uptake
exceed = "5 %"                       # chance with which each limit may be exceeded; 50 %: best estimate
# blood_limit = "2 Gy"
""",
    "i131-mibg": _HEAD
    + """recipe = "i131-mibg"
weight = "20 kg"
first_activity = "8.9 GBq"           # leave it and the retention out for the first administration: by weight
# Share of the administered activity in the whole body, not corrected for decay.
retention = [["1 h", "98 ± 3 %"], ["12 h", "68 ± 2 %"], ["24 h", "47 ± 2 %"], ["48 h", "24 ± 1 %"], ["96 h", "7 ± 0.5 %"]]
# or whole_body_tiac = "32 ± 2 h"
# course_goal = "4 Gy"               # reached at the best estimate; or
# course_limit = "4 Gy"              # held, with the chance of
# exceed = "5 %"                     # to exceed it
""",
    "lu177-dotatate": _HEAD
    + """recipe = "lu177-dotatate"
prescription = "label"               # 7.4 GBq a cycle; or "dose": by the limits and the doses of this patient
cycles = 4                           # still to come
exceed = "5 %"                       # chance with which each limit may be exceeded; 50 %: best estimate
# cycle_activity = "7.4 GBq"
kidney_half_life = "50 ± 5 h"        # effective; for the BED of the kidneys
kidney_risk_factors = false          # hypertension, diabetes

[dose_per_activity]                  # of this patient, from an earlier cycle; left out: averages of others
Kidneys = "0.55 ± 0.06 Gy/GBq"
"Red marrow" = "0.03 ± 0.01 Gy/GBq"

[delivered]                          # by earlier therapy
Kidneys = "0 Gy"

[limits]                             # in place of those of the table, or further ones
Kidneys = "23 Gy"
""",
    "lu177-psma": _HEAD
    + """recipe = "lu177-psma"
prescription = "dose"                # by the limits and the doses of this patient; or "label": 7.4 GBq a cycle
cycles = 6
exceed = "5 %"                       # chance with which each limit may be exceeded; 50 %: best estimate

[dose_per_activity]
Kidneys = "0.48 ± 0.05 Gy/GBq"
"Salivary glands" = "0.6 ± 0.1 Gy/GBq"
"Red marrow" = "0.03 ± 0.01 Gy/GBq"
""",
    "ra223": _HEAD
    + """recipe = "ra223"
weight = "70 kg"
injections = 6
rbe = "5"                            # of alpha particles; weighted doses stand beside the unweighted
concentration = "1100 kBq/ml"        # at the reference time
reference_time = 2026-03-01T12:00:00+01:00
injection_time = 2026-03-08T10:00:00+01:00
""",
    "ac225-psma": _HEAD
    + """recipe = "ac225-psma"
weight = "80 kg"
rbe = "5"                            # of alpha particles: yours to state
# exceed = "5 %"                     # a limit is compared, and marked where the chance to exceed it is larger

[retained]                           # share of daughters that stay where they are formed; left out: all
Fr-221 = "90 ± 5 %"
Bi-213 = "70 %"

[[region]]                           # of this patient; left out: averages of others
name = "Kidneys"
tiac = "1.2 ± 0.2 h"                 # time-integrated activity coefficient of Ac-225
mass = "310 ± 20 g"

[limits]                             # compared with the weighted dose
"Salivary glands" = "45 Gy"
""",
}
