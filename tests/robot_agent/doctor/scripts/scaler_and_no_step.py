# kind: no-step
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(6, 20), nn.ReLU(), nn.Linear(20, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=10)
X = torch.randn(200, 6); Y = X[:, :3].argmax(1)
for epoch in range(10):
    for i in range(0, 200, 25):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(X[i:i+25]), Y[i:i+25])
        loss.backward()  #!+ optimizer.step()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    scheduler.step()  #+
print(loss.item())
