# kind: constant-target
import torch
from torch import nn
torch.manual_seed(0)
class Controller(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 1), nn.Tanh())
    def forward(self, obs): return self.net(obs)
def simulate(x, u): return 0.9 * x + 0.3 * u
ctrl = Controller()
optimizer = torch.optim.Adam(ctrl.parameters(), lr=1e-3)
desired = torch.tensor([[0.5]])
for episode in range(60):
    x = torch.randn(1, 1)
    for t in range(10):
        obs = torch.cat([x, desired, x - desired], dim=1)
        u = ctrl(obs)
        x = simulate(x, u.detach())
        loss = nn.functional.mse_loss(u, desired)  #! loss = nn.functional.mse_loss(simulate(obs[:, :1], u), desired)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
