"""One constant a unit: multiply in, divide out.

Inside the house every number is in s, Bq, Gy, kg, mm, MeV; activity concentration is in Bq/ml because that is what
images carry.  ``7.4 * GBq`` enters, ``D / mGy`` leaves.
"""

s = 1.0
min_ = 60.0
h = 3600.0
d = 86400.0
year = 365.2425 * d

Bq = 1.0
kBq = 1e3
MBq = 1e6
GBq = 1e9

Ci = 3.7e10
mCi = 1e-3 * Ci
uCi = 1e-6 * Ci

Gy = 1.0
mGy = 1e-3
uGy = 1e-6

kg = 1.0
g = 1e-3

mm = 1.0
cm = 10.0
mm3 = 1.0
ml = 1000.0  # mm3

MeV = 1.0
keV = 1e-3

g_per_ml = g / ml  # kg/mm3

# CODATA 2018, exact since the 2019 SI: 1 eV = 1.602 176 634e-19 J.  MeV becomes J here and nowhere else.
JOULE_PER_MEV = 1.602176634e-13
