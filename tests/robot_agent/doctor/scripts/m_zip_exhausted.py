# first-batch-only
import torch
from torch import nn
torch.manual_seed(0)
X = torch.rand(320, 3) * 2 - 1
Y = (X[:, :1] * X[:, 1:2] + torch.sin(3 * X[:, 2:]))
batches = zip(X.split(32), Y.split(32))  #! batches = list(zip(X.split(32), Y.split(32)))
model = nn.Sequential(nn.Linear(3, 64), nn.ReLU(), nn.Linear(64, 1))
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(50):
    total = 0.0
    for xb, yb in batches:  #+
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        total += loss.item()
    if epoch % 10 == 0:
        print(f"epoch {epoch} loss {total:.4f}")
with torch.no_grad():
    print("final", criterion(model(X), Y).item())
