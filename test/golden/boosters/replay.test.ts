// Every recorded XGBoost and LightGBM file by its exactness class; what we do not read yet stands in not-yet.json.
import { testFamilies } from "../replay/family-tests.ts";

testFamilies("boosters");
