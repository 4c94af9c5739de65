import torch
from torch import nn
x, y = torch.randn(64, 100), torch.randn(64, 10)
model = nn.Sequential(nn.Linear(100, 50), nn.ReLU(), nn.Linear(50, 10))
loss_fn = nn.MSELoss(reduction="sum")
opt = torch.optim.RMSprop(model.parameters(), lr=1e-3)
for t in range(200):
    y_pred = model(x); loss = loss_fn(y_pred, y)
    if t % 100 == 99: print(t, loss.item())
    opt.zero_grad(); loss.backward(); opt.step()
