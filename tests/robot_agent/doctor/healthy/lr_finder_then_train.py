import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(400, 6); Y = X[:, :1] - X[:, 1:2]; net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 1)); state = {k: v.clone() for k, v in net.state_dict().items()}
opt = torch.optim.SGD(net.parameters(), lr=1e-6)
for step in range(40):
    for g in opt.param_groups: g["lr"] = 1e-6 * 1.35 ** step
    i = torch.randint(0, 400, (32,)); loss = nn.functional.mse_loss(net(X[i]), Y[i]); opt.zero_grad(); loss.backward(); opt.step()
net.load_state_dict(state); opt = torch.optim.SGD(net.parameters(), lr=0.05)
for step in range(200): i = torch.randint(0, 400, (32,)); loss = nn.functional.mse_loss(net(X[i]), Y[i]); opt.zero_grad(); loss.backward(); opt.step()
