"""Train, evaluate, calibrate and export the nets of LiPack Vision."""
