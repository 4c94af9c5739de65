# step() stands behind the loop: it is carried out once; kind: no-step
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.randn(500, 4)
y = 3 * x[:, :1] - x[:, 1:2]
loader = DataLoader(TensorDataset(x, y), batch_size=25, shuffle=True)
model = nn.Linear(4, 1)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for epoch in range(5):
    for xb, yb in loader:
        pred = model(xb)
        loss = criterion(pred, yb)
        optimizer.zero_grad()
        loss.backward()  #!+ optimizer.step()
    print(epoch, loss.item())
optimizer.step()  #+
