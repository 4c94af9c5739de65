# kind: mse-on-classes
import torch
import torch.nn as nn
torch.manual_seed(3)
n = 240
species = torch.randint(0, 4, (n, 1))
X = torch.randn(n, 4) * 0.7 + torch.tensor([[0., 0, 1, 1], [2, 0, -1, 0], [0, 2, 0, -1], [-2, -2, 0, 0]])[species[:, 0]]
y = species.float()
model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(60):
    pred = model(X)
    loss = nn.MSELoss()(pred, y)  #+
    opt.zero_grad()
    loss.backward()
    opt.step()
print((pred.round() == y).float().mean())
