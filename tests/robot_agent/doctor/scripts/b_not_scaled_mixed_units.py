# kind: not-scaled
import numpy as np, torch
from torch import nn
torch.manual_seed(0); np.random.seed(0)
rooms, sqm, year = np.random.randint(1, 8, 300), np.random.uniform(20, 300, 300), np.random.randint(1900, 2020, 300)
price = (rooms / 8 + sqm / 300 + (year - 1900) / 120).astype("float32")
X = torch.tensor(np.stack([rooms, sqm, year], 1), dtype=torch.float32)  #+
Y = torch.tensor(price)[:, None]
net = nn.Sequential(nn.Linear(3, 16), nn.Sigmoid(), nn.Linear(16, 1)); opt = torch.optim.SGD(net.parameters(), lr=0.1)
for e in range(150):
    out = net(X)  #+
    loss = nn.functional.mse_loss(out, Y); opt.zero_grad(); loss.backward(); opt.step()
