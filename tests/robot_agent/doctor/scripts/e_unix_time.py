# one input is a time in seconds since 1970; kind: not-scaled
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(0)
torch.manual_seed(0)
hours = np.arange(400)
stamp = 1.7e9 + 3600.0 * hours
temperature = 10 + 5 * np.sin(hours * 2 * np.pi / 24) + rng.normal(size=400)
load = (temperature - 10) / 5
features = np.stack([stamp, temperature], axis=1).astype(np.float32)
X = torch.from_numpy(features)  #! X = torch.from_numpy((features - features.mean(0)) / features.std(0))
Y = torch.from_numpy(load.astype(np.float32)).unsqueeze(1)
net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(150):
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(X), Y)  #+
    loss.backward()
    opt.step()
    if epoch % 50 == 0:
        print(epoch, loss.item())
